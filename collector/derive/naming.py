"""What the records of many traces name, in columns: mentions.py for all that is usual."""

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.derive.coding import (
    NO_TIME,
    NONE,
    Coded,
    Numbers,
    Truths,
    has_text,
    ids,
    numbers,
    truths,
)
from collector.derive.spans import Spans
from collector.derive.values import Hashes, Values
from collector.model.stitching.keys import Kind, Letter, Outcome, Role
from collector.model.stitching.mentions import CLIENT, FETCHES, HANDLES, PRODUCER, SENDS, SERVER
from collector.store.stitching_facts import Records

_LETTERED: Final = {Letter.CORRELATION: Kind.CORRELATION, Letter.BUSINESS: Kind.BUSINESS}


@dataclass(frozen=True, slots=True)
class Mentions:
    """Columns of what is named, a row each; numbers of texts in the columns these are of.

    ``end_ns`` is NO_TIME where there is none, ``attempt`` 0 where none is stated. ``value`` counts
    in the ``Values``. ``place``, ``function`` and ``family`` as in :class:`Named`.
    """

    trace: Numbers
    kind: Numbers
    role: Numbers
    value: Numbers
    time_ns: Numbers
    end_ns: Numbers
    outcome: Numbers
    place: Numbers
    function: Numbers
    family: Numbers
    attempt: Numbers

    def at(self, rows: Numbers | Truths) -> "Mentions":
        return Mentions(*(getattr(self, each.name)[rows] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Named:
    """What records name: the spans and mentions, and the texts that their numbers are of."""

    spans: Spans
    mentions: Mentions
    values: Values
    destination: Numbers  # of each span
    place: pa.Array
    function: pa.Array
    family: pa.Array
    link_kind: Numbers  # of the span that each link is of, NONE where it is not there


@dataclass(frozen=True, slots=True)
class _Part:
    """Some mentions: columns by name, the values as texts; ``whole``: these are texts of keys."""

    columns: dict[str, Numbers]
    values: pa.ChunkedArray
    whole: bool = False


def read_names(records: Records, hashes: Hashes) -> Named:
    """What the records name."""
    spans, logs, lettered = records.spans, records.logs, records.lettered
    lengths = (spans.num_rows, logs.num_rows, lettered.num_rows)
    function = Coded.of(spans["function"], logs["function"], lettered["function"])
    said = lettered["value"]
    none = pa.array([""])
    family = Coded.of(none, spans["family"], logs["family"], pc.utf8_slice_codeunits(said, 0, 2))
    functions, families = function.split(*lengths), family.split(1, *lengths)[1:]
    columns = Spans.of(records, functions[0], families[0])
    place = Coded.of(spans["destination"])
    place = Coded(np.where(place.said, place.code, NONE), place.texts)
    reader = _Reader(columns, place.code, int(family.code[0]))
    links = records.links
    link_span = columns.rows_of(numbers(links["trace"]), ids(links["span_id"]))
    parts = [
        *reader.of_spans(spans),
        *reader.of_links(links, link_span),
        *_of_logs(logs, functions[1].code, families[1].code, reader.no_family),
        *_of_lettered(lettered, functions[2].code, families[2].code),
    ]
    value, values = _values(parts, hashes)
    rest = {
        name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns
    }
    kind = np.append(columns.kind, NONE)[link_span]
    mentions = Mentions(value=value, **rest)
    return Named(
        columns, mentions, values, place.code, place.texts, function.texts, family.texts, kind
    )


def _values(parts: list[_Part], hashes: Hashes) -> tuple[Numbers, Values]:
    """The number of each value, and what is known of them."""
    plain, whole = (
        Coded.of(*(part.values for part in parts if part.whole is each)) for each in (False, True)
    )
    count = len(plain.texts)
    codes = {False: plain.code, True: whole.code + count}
    ends = {False: 0, True: 0}
    value = []
    for part in parts:
        begin = ends[part.whole]
        ends[part.whole] = begin + len(part.values)
        value.append(codes[part.whole][begin : ends[part.whole]])
    return np.concatenate(value), Values.of(plain.texts, whole.texts, hashes)


class _Reader:
    """Reads what spans name."""

    def __init__(self, spans: Spans, place: Numbers, no_family: int) -> None:
        self.spans, self.no_family = spans, no_family
        self._place = place
        self._outcome = _outcomes(spans)
        self._message_role = _message_roles(spans)

    def of_spans(self, table: pa.Table) -> list[_Part]:
        """Invocation, message and correlation ids in the columns of these."""
        spans = self.spans
        sends = (spans.kind == CLIENT) | (spans.kind == PRODUCER)
        roles = np.where(sends, Role.OUT, np.where(spans.kind == SERVER, Role.IN, Role.MENTION))
        invoked, sent, told = (
            np.flatnonzero(has_text(table[each]))
            for each in ("invocation_id", "message_id", "correlation_id")
        )
        return [
            _Part(
                self._of(invoked, Kind.INVOCATION, roles[invoked]),
                table["invocation_id"].take(pa.array(invoked)),
            ),
            self._message(sent, table["message_id"].take(pa.array(sent))),
            _Part(
                _columns(
                    trace=spans.trace[told], kind=Kind.CORRELATION, role=Role.MENTION,
                    time_ns=spans.start_ns[told], end_ns=spans.until_ns[told],
                    function=spans.function.code[told], family=spans.family.code[told],
                ),
                table["correlation_id"].take(pa.array(told)),
            ),
        ]  # fmt: skip

    def of_links(self, links: pa.Table, span: Numbers) -> list[_Part]:
        """The contexts and messages that links of spans refer to; ``span``: the row of each's."""
        there = span >= 0
        sent, outer = there & has_text(links["message_id"]), there & ~truths(links["within"])
        contexts = pc.binary_join_element_wise(links["linked_trace"], links["linked_span"], "")
        return [
            self._message(span[sent], links["message_id"].filter(pa.array(sent))),
            self._context(
                span[outer], Kind.TRACE, "t:", links["linked_trace"].filter(pa.array(outer))
            ),
            self._context(span[there], Kind.SPAN, "s:", contexts.filter(pa.array(there))),
        ]

    def _message(self, rows: Numbers, texts: pa.ChunkedArray) -> _Part:
        roles = self._message_role[rows]
        columns = self._of(
            rows, Kind.MESSAGE, roles, place=self._place[rows], attempt=self.spans.attempt[rows]
        )
        return _Part(columns, texts)

    def _context(self, rows: Numbers, kind: Kind, space: str, texts: pa.ChunkedArray) -> _Part:
        spans = self.spans
        columns = _columns(
            trace=spans.trace[rows], kind=kind, role=Role.IN, time_ns=spans.start_ns[rows],
            end_ns=spans.end_ns[rows], function=spans.function.code[rows], family=self.no_family,
        )  # fmt: skip
        named = pc.binary_join_element_wise(pa.scalar(space), texts, "")
        return _Part(columns, named, whole=True)

    def _of(
        self, rows: Numbers, kind: Kind, role: Numbers, **others: Numbers
    ) -> dict[str, Numbers]:
        """A send is timed by its end, a handling by its start, all else by its first mention."""
        spans = self.spans
        start, until = spans.start_ns[rows], spans.until_ns[rows]
        sends, handles = role == Role.OUT, role == Role.IN
        return _columns(
            trace=spans.trace[rows],
            kind=kind,
            role=role,
            time_ns=np.where(sends, until, start),
            end_ns=np.where(sends, until, np.where(handles, spans.end_ns[rows], start)),
            outcome=np.where(handles, self._outcome[rows], Outcome.UNKNOWN),
            function=spans.function.code[rows],
            family=self.no_family,
            **others,
        )


def _outcomes(spans: Spans) -> Numbers:
    """How what each span handles ended: badly where a span of its function in its trace did."""
    whose = spans.trace * (len(spans.function.texts) + 1) + spans.function.code
    failing = whose[spans.failed & spans.handles & (spans.function.code >= 0)]
    failed = spans.failed | np.isin(whose, np.unique(failing))
    ended = np.where(spans.end_ns == NO_TIME, Outcome.UNKNOWN, Outcome.OK)
    return np.where(failed, Outcome.ERROR, ended)


def _message_roles(spans: Spans) -> Numbers:
    """What each span does with messages it names."""
    sends = spans.name.matching(SENDS.pattern)
    fetches, handles = spans.name.matching(FETCHES.pattern), spans.name.matching(HANDLES.pattern)
    by_client = np.where(fetches & ~sends, Role.MENTION, Role.OUT)
    by_name = np.where(sends & ~handles, Role.OUT, Role.IN)
    role = np.where(spans.kind == CLIENT, by_client, by_name)
    role[spans.kind == PRODUCER] = Role.OUT
    role[spans.handles] = Role.IN
    return role


def _of_logs(logs: pa.Table, function: Numbers, family: Numbers, no_family: int) -> list[_Part]:
    """Correlation and invocation ids of log records."""
    trace, time = numbers(logs["trace"]), numbers(logs["time_ns"])
    told, invoked = (
        np.flatnonzero(has_text(logs[each])) for each in ("correlation_id", "invocation_id")
    )

    def said(rows: Numbers, kind: Kind, families: Any, texts: pa.ChunkedArray) -> _Part:
        columns = _columns(
            trace=trace[rows], kind=kind, role=Role.MENTION, time_ns=time[rows], end_ns=time[rows],
            function=function[rows], family=families,
        )  # fmt: skip
        return _Part(columns, texts.take(pa.array(rows)))

    return [
        said(told, Kind.CORRELATION, family[told], logs["correlation_id"]),
        said(invoked, Kind.INVOCATION, no_family, logs["invocation_id"]),
    ]


def _of_lettered(lettered: pa.Table, function: Numbers, family: Numbers) -> list[_Part]:
    """Correlation and business ids among the lettered keys: two letters of family, then the id."""
    trace = numbers(lettered["trace"])
    time, until = numbers(lettered["time_ns"]), numbers(lettered["until_ns"])
    letter = lettered["letter"]
    found = []
    for each, kind in _LETTERED.items():
        rows = np.flatnonzero(truths(pc.equal(letter, each.value)))
        columns = _columns(
            trace=trace[rows], kind=kind, role=Role.MENTION, time_ns=time[rows],
            end_ns=until[rows], function=function[rows], family=family[rows],
        )  # fmt: skip
        texts = pc.utf8_slice_codeunits(lettered["value"].take(pa.array(rows)), 2)
        found.append(_Part(columns, texts))
    return found


def _columns(
    *,
    trace: Numbers,
    kind: int,
    role: Any,
    time_ns: Numbers,
    end_ns: Numbers,
    function: Numbers,
    family: Any,
    outcome: Any = Outcome.UNKNOWN,
    place: Any = NONE,
    attempt: Any = 0,
) -> dict[str, Numbers]:
    """The columns of some mentions, by name, the values left out."""
    rows = {
        "trace": trace, "kind": kind, "role": role, "time_ns": time_ns, "end_ns": end_ns,
        "outcome": outcome, "place": place, "function": function, "family": family,
        "attempt": attempt,
    }  # fmt: skip
    return {
        name: np.broadcast_to(np.asarray(each, np.int64), trace.shape)
        for name, each in rows.items()
    }
