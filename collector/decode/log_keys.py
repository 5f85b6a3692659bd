"""The ids in log bodies that are JSON objects: what fills columns, and keys."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from collector.decode import meanings, semconv
from collector.decode.attributes import Texts
from collector.decode.embedded import ROOT
from collector.decode.key_lists import Found
from collector.decode.key_names import Names, family
from collector.decode.keys import found_of
from collector.decode.log_bodies import Members, member, objects
from collector.decode.log_context import requests_of_lines
from collector.decode.record_keys import body_keys
from collector.decode.records import Mask


class BodyIds(NamedTuple):
    """What one body says; None where it says nothing.

    ``own_invocation_id`` is under a name by which a function's own logger calls it. It is believed
    before the record's attribute: Lambda's extension stamps lines with the request that runs when
    it reads them, which is the next one for a line that came late.
    """

    invocation_id: str | None = None
    own_invocation_id: str | None = None
    correlation_id: str | None = None
    family: str | None = None  # of the correlation id, when it has one of the user's names
    trace: str | None = None
    span: str | None = None
    keys: Sequence[str] = ()


def read_body(members: Members, names: Names, *, of_trace: bool = False) -> BodyIds:
    """The ids in one body that is a JSON object; ``of_trace``: its record has a trace already."""
    invocation = member(members, semconv.LOG_INVOCATION)
    own = member(members, semconv.LOGGED_INVOCATION)
    said, of = _correlation(members, names)
    correlation = meanings.correlation_id(said) if said else None
    return BodyIds(
        meanings.id_text(invocation) if invocation else None,
        meanings.id_text(own) if own else None,
        correlation,
        of if correlation else None,
        None if of_trace else member(members, semconv.LOG_TRACE),
        None if of_trace else member(members, semconv.LOG_SPAN),
        body_keys(members, names),
    )


def _correlation(members: Members, names: Names) -> tuple[str | None, str | None]:
    """The correlation id as written, and its family when the user named it."""
    for name in names.configured:
        if said := member(members, (name,)):
            return said, family(name)
    return member(members, semconv.LOG_CORRELATION), None


class Bodies:
    """The ids in the bodies of a group of log records; ``of_trace``: those that name a trace."""

    def __init__(self, body: Texts, names: Names, of_trace: Mask) -> None:
        self._size = len(body.values)
        self._lines = requests_of_lines(body)
        self._found: list[tuple[int, BodyIds]] = []
        self.embedding: list[tuple[int, Members]] = []
        """The bodies that may hold metrics, each with the index of its record."""
        for index, members in objects(body):
            found = read_body(members, names, of_trace=bool(of_trace[index]))
            self._found.append((index, found))
            if ROOT in members:
                self.embedding.append((index, members))

    def invocation_ids(self, said: pa.StringArray) -> pa.StringArray:
        """The column, with what the bodies say where it is null or their logger knows better."""
        if self._lines is not None:
            said = pc.coalesce(self._lines, said)
        if not self._found:
            return said
        own = self._column([(at, each.own_invocation_id) for at, each in self._found])
        other = self._column([(at, each.invocation_id) for at, each in self._found])
        return pc.coalesce(own, said, other)

    def contexts(
        self, traces: pa.StringArray, spans: pa.StringArray
    ) -> tuple[pa.StringArray, pa.StringArray]:
        """Both columns, with what the bodies say where no trace is said."""
        if not self._found:
            return traces, spans
        own = self._column([(at, each.span) for at, each in self._found])
        return (
            self._filled(traces, [(at, each.trace) for at, each in self._found]),
            pc.if_else(pc.is_valid(traces), spans, own),
        )

    def correlation_ids(self, said: pa.StringArray) -> pa.StringArray:
        """The column, with what the bodies say where it is null."""
        return self._filled(said, [(at, each.correlation_id) for at, each in self._found])

    def families(
        self, of_attributes: pa.StringArray | None, said: pa.StringArray
    ) -> pa.StringArray | None:
        """The families of the attributes' ids, and of the bodies' where those say no id."""
        if of_attributes is None or not self._found:
            return of_attributes
        own = self._column([(at, each.family) for at, each in self._found])
        return pc.if_else(pc.is_valid(said), of_attributes, own)

    def keys(self) -> Found | None:
        return found_of([(at, key) for at, each in self._found for key in each.keys])

    def _filled(
        self, column: pa.StringArray, values: Sequence[tuple[int, str | None]]
    ) -> pa.StringArray:
        return pc.coalesce(column, self._column(values)) if values else column

    def _column(self, values: Sequence[tuple[int, str | None]]) -> pa.StringArray:
        said: list[str | None] = [None] * self._size
        for index, value in values:
            said[index] = value
        return pa.array(said, pa.string())
