"""The one door: grouping, exactly-once, refusals, replay and the counters' relation."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from structlog.testing import capture_logs

from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.errors import Malformed, Overloaded, StoreUnavailable
from collector.receive import groups
from collector.service import Pipeline
from collector.settings import Settings
from collector.store import applier
from tests.build import counter, export_request, log, point, span
from tests.receive.conftest import Collector, Start, until


def spans(count: int = 2) -> bytes:
    return export_request(*(span() for _ in range(count))).SerializeToString()


def balance(collector: Collector, signal: Signal = Signal.TRACES) -> dict[str, int]:
    """The figures of the counters' relation for one signal, all in records."""
    assert collector.service.writer.wait_visible(20)
    until(collector.is_idle)
    counts = collector.service.intake.counters.read()
    applied = collector.service.writer.applier.records
    return {
        "received": counts.received.get(signal, 0),
        "stored": applied.stored[signal],
        "rejected": sum(n for (of, _), n in counts.rejected.items() if of is signal),
        "duplicate": applied.duplicate[signal],
        "waiting": counts.waiting.get(signal, 0),
    }


def accept(collector: Collector, signal: Signal, body: bytes) -> object:
    """What the intake answers to one export: an outcome or the error."""
    intake = collector.service.intake

    async def ask() -> object:
        try:
            return await intake.accept(signal, body, intake.budget.admit(len(body)))
        except (Malformed, StoreUnavailable) as error:
            return error

    return collector.run(ask())


def test_received_is_stored_and_rejected_and_duplicate_and_waiting(start: Start) -> None:
    """The relation holds for every signal once the writer has caught up."""
    collector = start()
    twice = spans(3)
    bad = export_request(span(), span(trace_id=b"")).SerializeToString()
    for body in (twice, twice, bad, b"\xff\xff", b""):
        collector.post(Signal.TRACES, body)
    collector.post(Signal.LOGS, export_request(log()).SerializeToString())

    assert balance(collector) == {
        "received": 8,
        "stored": 4,
        "rejected": 1,
        "duplicate": 3,
        "waiting": 0,
    }
    assert balance(collector, Signal.LOGS)["stored"] == 1
    assert collector.outcomes("http") == {"ok": 3, "partial": 1, "malformed": 1}


def test_one_bad_export_costs_its_neighbours_nothing(collector: Collector) -> None:
    """Exports that arrive together are decoded together, and answered each for itself."""
    intake = collector.service.intake
    good, bad = [spans(2) for _ in range(20)], [b"\xff\xff", spans()[:-5]]
    bodies = [*good[:10], *bad, *good[10:]]

    async def together() -> list[object]:
        waits = [intake.accept(Signal.TRACES, b, intake.budget.admit(len(b))) for b in bodies]
        return await asyncio.gather(*waits, return_exceptions=True)

    answers = collector.run(together())
    assert [isinstance(answer, Malformed) for answer in answers] == [b in bad for b in bodies]


def test_an_export_that_breaks_the_decoder_is_alone(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should decoding itself fail, the export to blame is found and the others are kept."""
    intake, real = collector.service.intake, decode_group
    poison, before = spans(1), collector.count("spans")

    def fragile(signal, exports, limits):  # type: ignore[no-untyped-def]
        if any(export.body == poison for export in exports):
            raise ZeroDivisionError
        return real(signal, exports, limits)

    monkeypatch.setattr(groups, "decode_group", fragile)

    async def together() -> list[object]:
        waits = [
            intake.accept(Signal.TRACES, b, intake.budget.admit(len(b)))
            for b in (spans(1), poison, spans(1), spans(1))
        ]
        return await asyncio.gather(*waits, return_exceptions=True)

    answers = collector.run(together())
    assert [isinstance(answer, Malformed) for answer in answers] == [False, True, False, False]
    assert collector.count("spans") == before + 3


def test_a_full_disk_is_told_as_retryable(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After while the journal cannot be written; later the same export is kept."""
    collector, body = start(), spans(2)
    bad = export_request(span(trace_id=b"")).SerializeToString()

    def full(exports: list[Export]) -> None:
        raise StoreUnavailable("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(collector.service.journal, "append", full)
        refused = collector.post(Signal.TRACES, body)
        rejected = collector.post(Signal.TRACES, bad)
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert rejected.status == 200
    until(collector.is_idle)
    assert collector.post(Signal.TRACES, body).status == 200

    assert balance(collector) == {
        "received": 3,
        "stored": 2,
        "rejected": 1,
        "duplicate": 0,
        "waiting": 0,
    }


def test_the_operator_reads_once_that_the_journal_takes_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line when it begins, one when it ends, however many senders try meanwhile."""
    collector, body = start(), spans(2)

    def full(exports: list[Export]) -> None:
        raise StoreUnavailable("no space left on device")

    with capture_logs() as lines, monkeypatch.context() as patch:
        patch.setattr(collector.service.journal, "append", full)
        assert [collector.post(Signal.TRACES, body).status for _ in range(3)] == [503] * 3
        assert collector.service.intake.journal_error == "no space left on device"
        patch.undo()
        assert collector.post(Signal.TRACES, body).status == 200

    told = [line["event"] for line in lines if "journal" in line["event"]]
    assert told == [
        "the journal takes nothing; senders are told to retry",
        "the journal takes data again",
    ]


def test_a_fault_of_our_own_is_answered_and_survived(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Senders are told to retry, the fault is counted, and the thread lives on."""
    collector = start()
    with monkeypatch.context() as patch:
        patch.setattr(collector.service.writer, "submit", None)
        assert isinstance(accept(collector, Signal.TRACES, spans()), StoreUnavailable)

    assert collector.service.intake.counters.read().failures == 1
    until(collector.is_idle)
    assert collector.post(Signal.TRACES, spans()).status == 200


def test_a_fault_of_a_transport_is_answered_as_retryable(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What we do wrong costs a sender a retry, never its data; on both transports."""
    collector = start()
    with monkeypatch.context() as patch:
        patch.setattr(collector.service.intake, "admit", None)
        assert collector.post(Signal.TRACES, spans()).status == 503
        with pytest.raises(grpc.RpcError) as raised:
            collector.call(Signal.TRACES, spans())
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE

    assert collector.service.intake.counters.read().failures == 2


def test_overload_is_told_and_passes(start: Start) -> None:
    """429 with Retry-After while full; with room again the same export is taken."""
    collector, body = start(), spans()
    budget = collector.service.intake.budget
    everything = budget.admit(budget.limit_bytes - 5000)
    refused = collector.post(Signal.TRACES, body)
    everything.release()

    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert collector.outcomes("http")["overloaded"] == 1
    assert collector.post(Signal.TRACES, body).status == 200


def test_more_than_fits_is_held_up_or_refused_and_nothing_answered_is_lost(start: Start) -> None:
    """Forty senders against room for ten: who got 200 is stored, who did not retries."""
    collector = start(max_in_flight_bytes=500_000)
    bodies = [spans(400) for _ in range(40)]
    assert len(bodies[0]) > 20_000

    with ThreadPoolExecutor(40) as senders:
        statuses = list(senders.map(lambda b: collector.post(Signal.TRACES, b).status, bodies))
    assert set(statuses) <= {200, 429}
    assert collector.count("spans") == 400 * statuses.count(200)

    for status, body in zip(statuses, bodies, strict=True):
        if status == 429:
            until(lambda again=body: collector.post(Signal.TRACES, again).status == 200)
    assert collector.count("spans") == 400 * 40
    until(collector.is_idle)


def test_bytes_are_given_back_when_records_are_applied(collector: Collector) -> None:
    """After the writer has caught up nothing is in flight."""
    for signal, body in (
        (Signal.TRACES, spans(50)),
        (Signal.METRICS, export_request(counter("c", point(1))).SerializeToString()),
        (Signal.TRACES, b"\xff\xff"),
        (Signal.TRACES, export_request(span(trace_id=b"")).SerializeToString()),
    ):
        collector.post(signal, body)
    assert collector.service.writer.wait_visible(20)

    until(collector.is_idle)


def test_rows_that_outgrow_their_bytes_count(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty log records are 2 bytes to send and a row of 100: the next sender waits."""
    collector = start(max_in_flight_bytes=8_000_000)
    empty = LogsData(resource_logs=[{"scope_logs": [{"log_records": [{}] * 100_000}]}])
    held: list[tuple[object, ...]] = []
    with monkeypatch.context() as patch:
        patch.setattr(collector.service.writer, "submit", lambda *job: held.append(job))
        assert collector.post(Signal.LOGS, empty.SerializeToString()).status == 200
        assert collector.service.intake.budget.in_flight_bytes > 8_000_000
        assert collector.post(Signal.TRACES, spans()).status == 429
    for job in held:
        collector.service.writer.submit(*job)  # type: ignore[arg-type]

    assert collector.count("log_records") == 100_000
    until(collector.is_idle)


def test_last_received_is_the_time_of_the_latest_export(start: Start) -> None:
    """The live indicator needs no query."""
    collector = start()
    assert collector.service.intake.counters.read().last_received_ns == {}
    collector.post(Signal.LOGS, export_request(log()).SerializeToString())

    assert set(collector.service.intake.counters.read().last_received_ns) == {Signal.LOGS}


def test_what_the_journal_holds_is_stored_at_the_next_start(tmp_path: Path, start: Start) -> None:
    """Answered and journalled, but never applied: the replay brings it, once."""
    settings = Settings(db=tmp_path / "test.duckdb")
    pipeline = Pipeline(settings)
    bodies = [(Signal.TRACES, spans(3)), (Signal.TRACES, spans(2))]
    bodies += [(Signal.LOGS, export_request(log()).SerializeToString()), (Signal.TRACES, spans(1))]
    pipeline.journal.append(
        [Export(at + 1, signal, body, time.time_ns()) for at, (signal, body) in enumerate(bodies)]
    )
    pipeline.journal.close()
    pipeline.database.close()

    for _ in range(2):
        collector = start(db=settings.db)
        assert collector.count("spans") == 6
        assert collector.count("log_records") == 1
        collector.post(Signal.TRACES, bodies[0][1])
        assert collector.count("spans") == 6
        collector.stop()


def test_a_replay_that_has_to_wait_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that takes nothing at start does not keep the process from ending."""
    pipeline = Pipeline(Settings(db=tmp_path / "test.duckdb", max_in_flight_bytes=10_000))
    large = [spans(20_000) for _ in range(3)]
    assert len(large[0]) > groups.GROUP_BYTES / 2
    pipeline.journal.append(
        [Export(at + 1, Signal.TRACES, body, 0) for at, body in enumerate(large)]
    )

    def full(work: object) -> None:
        raise StoreUnavailable("no space left on device")

    monkeypatch.setattr(pipeline.database, "write", full)
    monkeypatch.setattr(applier, "_LAST_TRY_S", 0.1)

    async def run() -> bool:
        starting = asyncio.create_task(pipeline.start())
        done, _ = await asyncio.wait((starting,), timeout=1)
        await pipeline.stop()
        await asyncio.wait((starting,), timeout=60)
        return bool(done) or not isinstance(starting.exception(), Overloaded)

    assert not asyncio.run(run())


def test_a_stopped_intake_refuses_as_retryable(start: Start) -> None:
    """While the process ends, senders are told to come back."""
    collector = start()
    collector.run(asyncio.to_thread(collector.service.intake.stop))
    answer = collector.post(Signal.TRACES, spans())

    assert answer.status == 503
    until(collector.is_idle)


def test_runs_keep_order_and_size() -> None:
    """Replay groups are runs of one signal, cut at the size of a group."""
    signals = [Signal.TRACES] * 3 + [Signal.LOGS] + [Signal.TRACES] * 600
    exports = [Export(at, signal, b"", 0) for at, signal in enumerate(signals)]
    cut = list(groups.runs(exports))

    assert [len(run) for run in cut] == [3, 1, 256, 256, 88]
    assert [export.seq for run in cut for export in run] == list(range(len(signals)))


def test_large_exports_make_small_groups() -> None:
    """A group ends at 2 MiB too: decoded columns take memory."""
    exports = [Export(at, Signal.LOGS, os.urandom(700_000), 0) for at in range(7)]

    assert [len(run) for run in groups.runs(exports)] == [3, 3, 1]
