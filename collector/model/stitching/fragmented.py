"""What a trace, or a set of records without one, is cut into."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from collector.model.stitching.facts import Fragment, Occurrence


@dataclass(frozen=True, slots=True)
class FragmentedTrace:
    """The fragments of one trace, ordered by id.

    ``of_span`` names the fragment of every span, also of shared ones; ``shared`` are the span ids
    that lie in SHARED fragments. Ids are texts: the trace id for the WHOLE part, else
    "<trace id>:<anchor>"; keys are texts. One occurrence of a fragment, key, kind and role, except
    for role IN: there one for each handling.
    """

    fragments: tuple[Fragment, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    of_span: Mapping[str, Hashable] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
