"""The one door: everything received is decoded, journalled and only then answered.

One thread takes all exports that wait, decodes them together, writes those with records to the
journal in one fsync, hands them to the writer and then answers their senders. While it works the
next exports gather, so small ones share the cost of a group.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import structlog

from collector.batch import Export, Outcome, Signal
from collector.decode.density import LOOK_BYTES, check_density
from collector.decode.limits import Limits
from collector.errors import StoreUnavailable
from collector.receive.admission import Admission, Budget
from collector.receive.counters import Counters
from collector.receive.gathering import Gathering
from collector.receive.groups import (
    GROUP_BYTES,
    GROUP_EXPORTS,
    Part,
    decode_parts,
    keeps,
    runs,
)
from collector.receive.senders import Sender, answer, release
from collector.receive.workers import Workers
from collector.store.journal import Journal
from collector.store.writer import Writer

_log = structlog.get_logger(__name__)

# How often the intake looks whether the writer has made room for more rows.
_ROOM_S: Final = 0.005

_ERROR_LASTS_S = 10.0
_CLOSING = "this collector is shutting down: send again"


class Intake:
    """Takes exports from every transport; ``counters`` and ``budget`` say how it fares.

    ``workers`` are for what a transport has to do before it can call :meth:`accept`.
    """

    def __init__(
        self, journal: Journal, writer: Writer, limits: Limits, *, max_in_flight_bytes: int
    ) -> None:
        self.budget = Budget(max_in_flight_bytes)
        self.counters = Counters()
        self._journal_error: str | None = None
        self._journal_failed_s = 0.0
        self.workers = Workers()
        self._journal = journal
        self._writer = writer
        self._limits = limits
        self._queue: queue.SimpleQueue[Sender | None] = queue.SimpleQueue()
        self._next_seq = max(journal.last_seq, writer.applied_seq) + 1
        self._gathering = Gathering(self._queue.qsize)
        self._rested_s = 0.0
        self._resting_since: float | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    @property
    def journal_error(self) -> str | None:
        """Why the last write failed; forgotten after 10 s, for without senders nobody tries."""
        recent = time.monotonic() - self._journal_failed_s < _ERROR_LASTS_S
        return self._journal_error if recent else None

    @property
    def rested_s(self) -> float:
        """How long it had nothing to take so far, s."""
        since = self._resting_since
        return self._rested_s + (0.0 if since is None else time.monotonic() - since)

    async def admit(self, nbytes: int) -> Admission:
        """Reserves ``nbytes`` for one request; its holder releases it or gives it to accept.

        Raises:
            Overloaded: too much has been in flight for more than a second.
        """
        return await self.budget.admit_soon(nbytes)

    async def accept(self, signal: Signal, body: bytes, admission: Admission) -> Outcome:
        """Returns once the records of one protobuf export are durable; takes ``admission`` over.

        Raises:
            Malformed: the body cannot be decoded.
            TooLarge: it is mostly elements of a few bytes, and would take far more memory.
            StoreUnavailable: it could not be made durable; the sender should retry.
        """
        if self._closed or not body:
            admission.release()
            if self._closed:
                raise StoreUnavailable(_CLOSING)
            return Outcome(0)
        if len(body) >= LOOK_BYTES:
            try:
                await self.workers.run(len(body), check_density, body)
            except BaseException:  # also when cancelled
                admission.release()
                raise
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._queue.put(Sender(signal, body, time.time_ns(), admission, loop, future))
        return await future

    def fault(self, error: Exception) -> StoreUnavailable:
        """What senders are told about a fault of our own; it is counted, and logged once."""
        if self.counters.failed() == 1:
            _log.error("an export was not taken; its sender was told to retry", exc_info=error)
        return StoreUnavailable(f"not stored ({type(error).__name__}): send again")

    def replay(self) -> int:
        """Hands the writer what is in the journal but not in DuckDB; returns how many exports.

        Groups are runs of one signal, in the order of the journal: the writer goes on after the
        last number it committed, so a smaller number must never come later.

        Raises:
            Overloaded: it was stopped before all were handed on; the next start goes on.
        """
        count = 0
        for group in runs(self._journal.replay(self._writer.applied_seq)):
            size = sum(len(export.body) for export in group)
            admission = self.budget.wait(size, given_up=lambda: self._closed)
            parts = decode_parts(group, self._limits)
            for part in parts:
                self._hand_on(part, replayed=True, admissions=[admission])
            count += len(group)
        return count

    def start(self) -> None:
        """Starts taking; what an earlier process left is replayed before."""
        self._thread.start()

    def stop(self) -> None:
        """Takes what already waits, then ends; later exports are refused as retryable."""
        self._closed = True
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()
        self.workers.stop()
        left = list(self._left())
        answer((sender, StoreUnavailable(_CLOSING)) for sender in left)
        release(sender.admission for sender in left)

    def _left(self) -> Iterator[Sender]:
        while not self._queue.empty():
            sender = self._queue.get()
            if sender is not None:
                yield sender

    def _run(self) -> None:
        while (group := self._collect()) is not None:
            self._await_room()
            try:
                self._take(group)
            except Exception as error:  # the senders retry; this thread lives on
                refusal = self.fault(error)
                answer((sender, refusal) for sender in group)
                release(sender.admission for sender in group)
            self._gathering.took(len(group))

    def _await_room(self) -> None:
        """What was admitted may become many times as large: one group of that at a time."""
        while self.budget.excess_bytes > self.budget.limit_bytes and not self._closed:
            time.sleep(_ROOM_S)

    def _next(self) -> Sender | None:
        since = self._resting_since = time.monotonic()
        sender = self._queue.get()
        self._resting_since = None
        self._rested_s += time.monotonic() - since
        return sender

    def _collect(self) -> list[Sender] | None:
        """All that waits, up to the size of a group; blocks for the first; None at the end."""
        sender = self._next()
        if sender is None:
            return None
        self._rested_s += self._gathering.wait()
        group, size = [sender], len(sender.body)
        while len(group) < GROUP_EXPORTS and size < GROUP_BYTES:
            try:
                sender = self._queue.get_nowait()
            except queue.Empty:
                break
            if sender is None:
                self._queue.put(None)  # ends the next round
                break
            group.append(sender)
            size += len(sender.body)
        return group

    def _take(self, group: Sequence[Sender]) -> None:
        by_seq: dict[int, Sender] = {}
        parts: list[Part] = []
        for signal in Signal:
            if exports := self._number(signal, group, by_seq):
                parts += decode_parts(exports, self._limits)
        refusal = self._journal_kept(parts)
        for part in parts:
            if refusal is None:
                admissions = [by_seq[export.seq].admission for export in part.exports]
                self._hand_on(part, admissions=admissions)
            else:
                self._count_refused(part)
        answer(
            (by_seq[export.seq], refusal if refusal and keeps(outcome) else outcome)
            for part in parts
            for export, outcome in zip(part.exports, part.batch.outcomes, strict=True)
        )
        if refusal is not None:
            release(sender.admission for sender in group)

    def _number(
        self, signal: Signal, group: Sequence[Sender], by_seq: dict[int, Sender]
    ) -> list[Export]:
        """The exports of one signal, numbered in the order in which they will be submitted."""
        exports = []
        for sender in group:
            if sender.signal is signal:
                by_seq[self._next_seq] = sender
                exports.append(Export(self._next_seq, signal, sender.body, sender.received_ns))
                self._next_seq += 1
        return exports

    def _journal_kept(self, parts: Sequence[Part]) -> StoreUnavailable | None:
        """Makes what is kept durable; returns what its senders are told if that cannot be done."""
        kept = [export for part in parts for export in part.kept]
        if not kept:
            return None
        try:
            self._journal.append(kept)
        except StoreUnavailable as error:
            if self._journal_error is None:
                _log.error(
                    "the journal takes nothing; senders are told to retry", reason=str(error)
                )
            self._journal_error, self._journal_failed_s = str(error), time.monotonic()
            return error
        if self._journal_error is not None:
            _log.info("the journal takes data again")
            self._journal_error = None
        return None

    def _count_refused(self, part: Part) -> None:
        """Counts the records refused for good; the others come again."""
        refused = [outcome for outcome in part.outcomes if not outcome.accepted]
        self.counters.taken(part.signal, refused, 0)

    def _hand_on(
        self, part: Part, *, admissions: Sequence[Admission], replayed: bool = False
    ) -> None:
        """Counts a part and submits its records; the admissions end when they are applied."""
        newest_ns = part.exports[-1].received_ns
        records = self.counters.taken(part.signal, part.outcomes, newest_ns, replayed=replayed)
        done = partial(self._applied, part.signal, records, admissions)
        if records:
            admissions[0].cover(part.excess_bytes)
            self._writer.submit(part.exports, part.batch, done)
        else:
            done()

    def _applied(self, signal: Signal, records: int, admissions: Iterable[Admission]) -> None:
        self.counters.applied(signal, records)
        release(admissions)
