"""Cuts plain traces into fragments, in columns.

A trace is plain when it cannot hold a batch and holds nothing unusual: it is one fragment, made
here just as the pure core makes it (``whole.py``; a property test holds them equal). Most are.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.derive.coding import (
    NO_TIME,
    NONE,
    Coded,
    Numbers,
    Truths,
    appearances,
    changes,
    firsts,
    has_text,
    lists,
    numbers,
    sizes,
    truths,
)
from collector.derive.naming import Named
from collector.derive.spans import Spans
from collector.model.stitching.facts import Part
from collector.model.stitching.gather import ENTRY_TRIGGERS, MOST_CORRELATION_IDS, REQUEST
from collector.model.stitching.keys import REQUEST_FAMILY, Kind, Letter
from collector.model.stitching.mentions import CLIENT, CONSUMER, PRODUCER, SERVER
from collector.model.stitching.rules import Queues
from collector.store.stitching_facts import Records

_EVER: Final = 2**63 - 1


def find_plain(records: Records, named: Named, queues: Queues) -> Truths:
    """Which traces are plain, by number."""
    count = records.traces.num_rows
    spans = named.spans
    plain = np.zeros(count, bool)
    plain[spans.trace[spans.function.said]] = True  # it has spans, and they name a function
    for unusual in (
        spans.trace[spans.twice | spans.parent_later],
        _above(1, spans.trace[spans.kind == CONSUMER], count),
        _above(1, spans.trace[_roots(records, spans)], count),
        spans.trace[(spans.kind == CLIENT) & _tells_request(spans)],
        _of_several_messages(records, named, count),
        numbers(records.event_keys["trace"]),
        numbers(records.lettered["trace"])[~truths(records.lettered["usual"])],
        _with_odd_values(named, queues),
        _of_several_values(named),
    ):
        plain[unusual] = False
    return plain


def _roots(records: Records, spans: Spans) -> Truths:
    """Spans of invocations that name no parent."""
    invoked = has_text(records.spans["invocation_id"])
    roots: Truths = invoked & (spans.kind == SERVER) & ~spans.names_parent
    return roots


def _tells_request(spans: Spans) -> Truths:
    """Spans whose correlation id is that of one request, be there one or not."""
    return spans.family.where(pc.equal(spans.family.texts, REQUEST_FAMILY))


def _above(most: int, traces: Numbers, count: int) -> Numbers:
    """The traces that are there more often."""
    return np.flatnonzero(np.bincount(traces, minlength=count) > most)


def _of_several_messages(records: Records, named: Named, count: int) -> Numbers:
    """Traces that may hold a batch: several messages were received, or several links followed."""
    spans, links = named.spans, records.links
    received = has_text(records.spans["message_id"])
    received &= (spans.kind != CLIENT) & (spans.kind != PRODUCER)
    trace = numbers(links["trace"])
    followed = (named.link_kind != NONE) & (named.link_kind != PRODUCER)
    carrying = followed & has_text(links["message_id"])
    with_keys = (named.link_kind != NONE) & np.asarray(links["keys"].is_valid().combine_chunks())
    return np.concatenate(
        (
            _above(1, np.concatenate((spans.trace[received], trace[carrying])), count),
            _above(1, trace[followed], count),
            trace[with_keys],
        )
    )


def _with_odd_values(named: Named, queues: Queues) -> Numbers:
    """Traces that name something which the pure core has to look at more closely."""
    found, values = named.mentions, named.values
    odd = values.odd[found.value]
    odd |= (found.kind >= Kind.CORRELATION) & values.hex[found.value]
    # A counter means something at its place; what is on a dead-letter queue, at that it serves.
    counts = ~values.unique & (~values.worthless | values.digits)
    dead = np.array([queues.is_dead(each) for each in named.place.to_pylist()], bool)
    odd |= (found.place >= 0) & (counts[found.value] | np.append(dead, np.False_)[found.place])
    return found.trace[odd]


def _of_several_values(named: Named) -> Numbers:
    """Traces in which one family has several correlation or business ids."""
    found = named.mentions
    rows = np.flatnonzero((found.kind >= Kind.CORRELATION) & ~named.values.worthless[found.value])
    group = found.trace[rows] * len(named.family) + found.family[rows]
    order = np.argsort(group)
    value, first = found.value[rows][order], firsts(group[order])
    if not len(first):
        return first
    differ = np.minimum.reduceat(value, first) != np.maximum.reduceat(value, first)
    several: Numbers = found.trace[rows][order][first[differ]]
    return several


def make_fragments(records: Records, named: Named, plain: Truths) -> pa.Table:
    """The fragment of each plain trace, in order of their numbers: rows as in the store."""
    return _Fragments(records, named, plain).table()


class _Fragments:
    """``rows`` are the spans of plain traces in order of time, a trace after the other.

    ``number`` is that of a trace among the plain ones, ``owner`` that of each row's trace,
    ``first`` where each begins among the rows.
    """

    def __init__(self, records: Records, named: Named, plain: Truths) -> None:
        self.records, self.named, self.plain = records, named, plain
        self.spans = spans = named.spans
        self.count = int(plain.sum())
        self.number = np.cumsum(plain) - 1
        rows = np.flatnonzero(plain[spans.trace])
        order = np.lexsort((spans.span_id[rows], spans.start_ns[rows], spans.trace[rows]))
        self.rows = rows[order]
        self.owner = self.number[spans.trace[self.rows]]
        self.first = firsts(self.owner)
        self.handles = spans.handles[self.rows]
        self.has_parent = spans.has_parent[self.rows]

    def table(self) -> pa.Table:
        spans, rows, count = self.spans, self.rows, self.count
        traces = self.records.traces.filter(pa.array(self.plain))
        function, functions = self._functions()
        failed = spans.failed[rows]
        columns = {
            "fragment_id": traces["fragment_id"],
            "trace_id": traces["trace_id"],
            "event_trace_id": pa.nulls(count, pa.uint64()),
            "part": np.full(count, Part.WHOLE, np.uint8),
            "start_ns": spans.start_ns[rows][self.first],
            "end_ns": np.maximum.reduceat(spans.until_ns[rows], self.first) if count else [],
            "function": function,
            "functions": functions,
            "destinations": self._destinations(),
            "entry": self._entries(),
            "failed": self._any(failed & ~self.has_parent),
            "tenant": self._tenants(),
            "shared_id": pa.nulls(count, pa.uint64()),
            "correlation_ids": self._correlation_ids(),
            "span_count": self._count(np.ones(len(rows), bool)),
            "error_count": self._count(failed),
            "invocation_count": self._count(self._invocations()),
            "cold_start_count": self._count(truths(self.records.spans["cold_start"])[rows]),
            "phantom_count": self._phantoms(),
            "unfinished": self._any(spans.end_ns[rows] == NO_TIME),
            "platform_only": np.zeros(count, bool),
            "shared_by": np.zeros(count, np.int32),
            "first_seq": self._first_seqs(),
            "run": pa.nulls(count, pa.int64()),
        }
        return pa.table({name: pa.array(column) for name, column in columns.items()})

    def _count(self, rows: Truths) -> NDArray[np.int32]:
        return np.bincount(self.owner[rows], minlength=self.count).astype(np.int32)

    def _any(self, rows: Truths) -> Truths:
        found = np.zeros(self.count, bool)
        found[self.owner[rows]] = True
        return found

    def _functions(self) -> tuple[pa.Array, pa.Array]:
        """That of the first span so ranked which names one, and all in order of appearance."""
        spans = self.spans
        said = np.flatnonzero(spans.function.said[self.rows])
        owner, code = self.owner[said], spans.function.code[self.rows[said]]
        seen = appearances(owner, code)
        several = np.bincount(owner[seen], minlength=self.count) > 1
        asked = np.zeros(len(self.rows), bool)
        asked[said[seen]] = True
        asked[said[several[owner]]] = True
        first = self._first_ranked(asked)
        texts = spans.function.at(self.rows)
        return texts.at(first).column(), lists(
            owner[seen], self.count, texts.at(said[seen]).column()
        )

    def _destinations(self) -> pa.Array:
        """What was received from, in order of appearance."""
        destination = Coded(self.named.destination, self.named.place).at(self.rows)
        said = np.flatnonzero(self.handles & destination.said)
        seen = said[appearances(self.owner[said], destination.code[said])]
        return lists(self.owner[seen], self.count, destination.at(seen).column())

    def _entries(self) -> Truths:
        """Whether something outside began there (see ``is_entry``)."""
        entry = np.zeros(self.count, bool)
        spans, rows = self.spans, self.rows
        server = spans.kind[rows] == SERVER
        asked = spans.name.at(rows).matching("^(?:" + REQUEST.pattern + ")", lower=False) & server
        first = self._first_ranked(self.handles)
        entry[first >= 0] = asked[first[first >= 0]]
        trigger = Coded.of(self.records.spans["trigger"]).at(rows)
        first = self._first_ranked(trigger.said)
        outside = trigger.where(pc.is_in(trigger.texts, pa.array(sorted(ENTRY_TRIGGERS))))
        entry[first >= 0] = outside[first[first >= 0]]
        return entry

    def _first_ranked(self, asked: Truths) -> Numbers:
        """The row of each trace that is first among those asked, NONE where there is none.

        Spans are ranked as in ``tree.rank``: those that name no parent, those whose parent is not
        there, the rest; then by start, SERVER and CONSUMER first, by id.
        """
        found = np.full(self.count, NONE)
        asked_rows = np.flatnonzero(asked)
        owner = self.owner[asked_rows]
        alone = np.bincount(owner, minlength=self.count)[owner] == 1
        found[owner[alone]] = asked_rows[alone]
        others = asked_rows[~alone]
        spans, rows = self.spans, self.rows[others]
        below = np.where(spans.has_parent[rows], 2, np.where(spans.names_parent[rows], 1, 0))
        order = np.lexsort(
            (
                spans.span_id[rows], ~spans.handles[rows], spans.start_ns[rows], below,
                self.owner[others],
            )
        )  # fmt: skip
        best = others[order][firsts(self.owner[others][order])]
        found[self.owner[best]] = best
        return found

    def _invocations(self) -> Truths:
        """Spans that tell of one invocation (see ``starts_invocation``)."""
        named = has_text(self.records.spans["invocation_id"])[self.rows]
        led = self.has_parent & ~self.spans.elsewhere[self.rows]
        told: Truths = (self.spans.kind[self.rows] == SERVER) & named
        return told | (self.handles & ~led)

    def _phantoms(self) -> NDArray[np.int32]:
        """How many parents are named that are not there."""
        lost = np.flatnonzero(self.spans.lost_parent[self.rows])
        owner, parent = self.owner[lost], self.spans.parent_id[self.rows[lost]]
        order = np.lexsort((parent, owner))
        seen = changes((owner[order], parent[order]))
        return np.bincount(owner[order][seen], minlength=self.count).astype(np.int32)

    def _tenants(self) -> pa.Array:
        """The tenant that each names, where all records that name one name the same."""
        lettered = self.records.lettered
        is_one = pc.equal(lettered["letter"], Letter.TENANT.value)
        trace = numbers(lettered["trace"].filter(is_one))
        tenant = Coded.of(lettered["value"].filter(is_one))
        mine = self.plain[trace]
        owner, code = self.number[trace[mine]], tenant.code[mine]
        least, most = np.full(self.count, _EVER), np.full(self.count, NONE)
        np.minimum.at(least, owner, code)
        np.maximum.at(most, owner, code)
        return Coded(np.where(least == most, most, NONE), tenant.texts).column()

    def _correlation_ids(self) -> pa.Array:
        """Correlation ids that are not worthless, sorted, the first few."""
        found, values = self.named.mentions, self.named.values
        mine = self.plain[found.trace] & (found.kind == Kind.CORRELATION)
        mine &= ~values.worthless[found.value]
        pair = self.number[found.trace[mine]] * (len(values.key) + 1) + found.value[mine]
        pair.sort()
        owner, value = np.divmod(pair[firsts(pair)], len(values.key) + 1)
        texts = pc.utf8_slice_codeunits(values.text.take(pa.array(value)), 2)
        rank = np.asarray(pc.rank(texts, tiebreaker="dense"))
        order = np.lexsort((rank, owner))
        owner = owner[order]
        first = firsts(owner)
        place = np.arange(len(owner)) - np.repeat(first, sizes(first, len(owner)))
        kept = place < MOST_CORRELATION_IDS
        return lists(owner[kept], self.count, texts.take(pa.array(order[kept])))

    def _first_seqs(self) -> Numbers:
        """The first export that any record of each came in."""
        found = np.full(self.count, _EVER)
        spans, logs = self.records.spans, self.records.logs
        if self.count:
            found = np.minimum.reduceat(numbers(spans["export_seq"])[self.rows], self.first)
        trace = numbers(logs["trace"])
        mine = self.plain[trace]
        np.minimum.at(found, self.number[trace[mine]], numbers(logs["export_seq"])[mine])
        return found
