"""Firehose deliveries that are large, many, hostile or damaged."""

import base64
import gzip
import threading
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.batch import Signal
from collector.decode.aws.origin import Around
from collector.errors import Rejected
from collector.receive.decompress import zstd
from collector.receive.firehose_delivery import read_delivery
from collector.receive.firehose_records import RecordReader
from tests.decode.aws.vectors import (
    REPORT,
    START,
    START_LINE,
    TWO_METRICS,
    delivery,
    packed,
    subscription,
)
from tests.receive.conftest import Collector, Start, until
from tests.receive.firehose import MIB, deliver, in_group
from tests.receive.test_bombs import resident_mib


def test_a_large_delivery_is_stored_in_pieces(start: Start) -> None:
    """12 MiB of logs, compressed tenfold, pass through a budget of 4 MiB."""
    collector = start(max_in_flight_bytes=4 * MIB)
    lines_each = [f"line {index} " + "x" * 100 for index in range(1000)]
    records = [packed(in_group(f"large-{index}", *lines_each)) for index in range(60)]
    answer = deliver(collector, delivery(records))

    assert answer.status == 200
    assert collector.count("log_records") == 60_000
    assert len(collector.rows("select * from exports")) > 4
    until(collector.is_idle)


def test_large_deliveries_at_once_share_a_small_budget(start: Start) -> None:
    """Six of 4 MiB each within 2 MiB: they wait for each other, and each is stored once."""
    collector = start(max_in_flight_bytes=2 * MIB)
    statuses: list[int] = []

    def send(number: int) -> None:
        each = [f"{number} {index} " + "x" * 100 for index in range(1000)]
        records = [packed(in_group(f"burst-{number}-{part}", *each)) for part in range(20)]
        while (status := deliver(collector, delivery(records)).status) != 200:
            statuses.append(status)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert set(statuses) <= {429}
    assert collector.count("log_records") == 6 * 20_000
    until(collector.is_idle)


def test_bombs_in_records_cost_a_bounded_amount(start: Start) -> None:
    """Eight deliveries at once, each of records that inflate to 30 MiB of white space or zeros."""
    collector = start()
    bomb = base64.b64encode(gzip.compress(b" " * (30 * MIB), 9)).decode()
    zeros = base64.b64encode(gzip.compress(gzip.compress(b"\0" * (200 * MIB), 9))).decode()
    body = delivery([bomb, zeros] * 3)
    statuses: list[int] = []
    before = highest = resident_mib()
    threads = [
        threading.Thread(target=lambda: statuses.append(deliver(collector, body).status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        highest = max(highest, resident_mib())
        time.sleep(0.01)
    good = deliver(collector, delivery([packed(in_group("after-bombs", "x"))]))

    assert set(statuses) <= {200, 400, 429}
    assert highest - before < 320  # two records at a time; unbounded it would be 5,500
    assert good.status == 200
    until(collector.is_idle)


def test_a_bomb_around_the_request_is_refused(collector: Collector) -> None:
    """Each encoding, inflated to 300 MiB."""
    for encoding, body in (
        ("gzip", gzip.compress(b" " * (300 * MIB))),
        ("zstd", zstd.compress(b" " * (300 * MIB))),
    ):
        assert deliver(collector, body, Content_Encoding=encoding).status == 400
    assert deliver(collector, b"x", Content_Encoding="br").status == 415
    until(collector.is_idle)


def bodies_of(body: bytes) -> list[tuple[Signal, bytes]]:
    reader = RecordReader(Around("us-east-1"), 64 * MIB)
    steps = read_delivery(body).pieces(reader)
    return [(piece.signal, piece.body) for together in steps for piece in together]


RECORDS = st.lists(
    st.sampled_from([TWO_METRICS, START_LINE, packed(subscription(START, REPORT))])
    | st.binary(max_size=60),
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(RECORDS, st.data())
def test_any_damage_to_records_gives_the_same_exports_each_time(
    records: list[bytes | str], data: st.DataObject
) -> None:
    """What is translated depends on the bytes alone, so a retry is found to be one."""
    body = bytearray(delivery(records))
    for _ in range(data.draw(st.integers(0, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    results: list[object] = []
    for _ in range(2):
        try:
            results.append(bodies_of(bytes(body)))
        except Rejected as error:
            results.append(str(error))

    assert results[0] == results[1]


def test_good_records_among_any_bytes_are_all_translated() -> None:
    """A record between two of noise is the same export as one alone."""
    alone = bodies_of(delivery([TWO_METRICS]))

    assert bodies_of(delivery([b"\x00" * 9, TWO_METRICS, b"\xff" * 9])) == alone
