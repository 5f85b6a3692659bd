"""The correlation keys of one record: what ``collector.decode.keys`` must equal in columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from collector.decode.key_names import Names
from collector.decode.key_parts import PART_NAMES, composite_texts
from collector.decode.key_walk import Said, Walk
from collector.decode.log_bodies import LARGEST_BYTES, read_members
from collector.model.id_text import trace_id_of
from collector.model.stitching.keys import COMMON_FAMILY, Letter

MOST_KEYS: Final = 32
# Letters of which a record has one at most.
ONCE: Final = [
    ord(letter)
    for letter in (
        Letter.TENANT,
        Letter.BATCH,
        Letter.ATTEMPT,
        Letter.ENQUEUED,
        Letter.DEAD_LETTER_OF,
        Letter.FAMILY,
    )
]
_PART_LETTERS: Final = "sbida"


def keys_of(said: Sequence[Said], names: Names) -> list[str]:
    """The keys of values under names, in their order; then those that take two values."""
    return [*_singles(said, names), *_composites(said)]


def _singles(said: Iterable[Said], names: Names) -> Iterator[str]:
    for name, value, letter in said:
        rule = names.rule(name)
        if rule is not None and value and letter in rule.letters:
            text = rule.text(value)
            if text is not None:
                yield text


def _composites(said: Sequence[Said]) -> list[str]:
    parts: dict[str, str] = {}
    for name, value, letter in said:
        if name in PART_NAMES and value and letter in _PART_LETTERS:
            parts.setdefault(name, value)
    if not parts:
        return []
    return composite_texts(
        lambda names: next((parts[name] for name in names if name in parts), None)
    )


def body_keys(members: Mapping[str, Any], names: Names) -> list[str]:
    """The keys in a JSON object."""
    walk = Walk(names)
    walk.enter(members)
    return keys_of(walk.said, names)


def nested_keys(name: str, text: str, names: Names) -> list[str]:
    """The keys in an attribute that is an object, by the paths that begin with its name."""
    members = read_members(text) if len(text) <= LARGEST_BYTES else None
    if not members:
        return []
    walk = Walk(names)
    walk.enter(members, name + ".")
    return keys_of(walk.said, names)


def settled(
    keys: Iterable[str],
    *,
    message_id: str | None = None,
    correlation_id: str | None = None,
    family: str | None = None,
    trace_id: str | None = None,
) -> list[str] | None:
    """The ``keys`` of a record of which the columns hold these values; None for none."""
    held = {Letter.TRACE + trace_id if trace_id else "", Letter.MESSAGE + (message_id or "")}
    said = list(keys)
    traces = [each for key in said if key[0] == Letter.CORRELATION for each in _trace(key[3:])]
    found = [
        key
        for key in (*said, *traces, *_of_correlation(correlation_id, family))
        if key not in held
        and not (key[0] == Letter.CORRELATION and correlation_id and key[3:] == correlation_id)
    ]
    kept: dict[str, str] = {}
    for key in found:
        kept.setdefault(key[0] if ord(key[0]) in ONCE else key, key)
    return list(kept.values())[:MOST_KEYS] or None


def _trace(correlation_id: str) -> Iterator[str]:
    """The trace that a correlation id is."""
    if trace_id := trace_id_of(correlation_id):
        yield Letter.TRACE + trace_id


def _of_correlation(correlation_id: str | None, family: str | None) -> Iterator[str]:
    """The trace a correlation id is, and its family unless it is the usual one."""
    if correlation_id:
        yield from _trace(correlation_id)
        if family not in {None, COMMON_FAMILY}:
            yield f"{Letter.FAMILY}{family}"
