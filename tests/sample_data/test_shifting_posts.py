"""Moving Firehose deliveries and Telemetry API batches in time moves every time inside them."""

import json
import re
from collections import Counter

from tests.sample_data.captured import written
from tests.sample_data.test_written import log_events, stream_exports, unpacked
from web.posts import Post
from web.shifting_posts import shifted_post, times_of_post
from web.stories import Story

DELTA_NS = 86_400_123_000_000
START_NS = 1_795_186_800_000_000_000


def burst() -> Story:
    return next(story for story in written() if story.name == "checkout-burst")


def telemetry(*events: object) -> Post:
    return Post("/lambda/telemetry", {}, json.dumps(events).encode())


def test_every_time_moves_by_the_delta() -> None:
    """In the delivery, in log events and their text, in points, in platform events."""
    for post in burst().posts():
        before = sorted(times_of_post(post))
        after = sorted(times_of_post(shifted_post(post, DELTA_NS)))
        assert after == [at_ns + DELTA_NS for at_ns in before]


def test_moving_there_and_back_changes_the_ids_of_deliveries_and_events_alone() -> None:
    """Text, figures, request ids of invocations and names of environments stay."""
    for post in burst().posts():
        back = shifted_post(shifted_post(post, DELTA_NS), -DELTA_NS)
        text = repr(unpacked(back)[1:] if back.path == "/firehose" else unpacked(back))
        told = repr(unpacked(post)[1:] if post.path == "/firehose" else unpacked(post))
        assert without_ids(text) == without_ids(told)


def without_ids(text: str) -> str:
    """Without the request id of a delivery and the ids of log events."""
    plain = re.sub(r'"id":\s*"\d*"', "", text.replace(" ", ""))
    first_id = re.search(r"X-Amz-Firehose-Request-Id':'([^']+)'", plain)
    return plain.replace(first_id[1], "") if first_id else plain


def test_a_time_in_a_log_line_keeps_its_form() -> None:
    """Seconds, milliseconds after a point or a comma, Powertools' zone, EMF's number."""
    line = (
        "2026-11-20T15:00:20.998Z id Task timed out; 2026-11-20 15:00:12,656+0000; "
        '2026-11-20T15:00:00Z {"Timestamp":1795186812345}; 2026/11/20/[17]abc; 2026-11-20'
    )
    post = telemetry({"time": "2026-11-20T15:00:20.999Z", "type": "function", "record": line})

    moved = json.loads(shifted_post(post, 3_600_001_000_000).body)

    assert moved[0]["time"] == "2026-11-20T16:00:21.000Z"
    assert moved[0]["record"] == (
        "2026-11-20T16:00:20.999Z id Task timed out; 2026-11-20 16:00:12,657+0000; "
        '2026-11-20T16:00:00Z {"Timestamp":1795190412346}; 2026/11/20/[17]abc; 2026-11-20'
    )


def test_deliveries_moved_alike_are_still_each_others_repetition() -> None:
    """Moved by as much, a retry is a retry; moved otherwise, it is another delivery."""
    name = "X-Amz-Firehose-Request-Id"
    ids = [post.headers[name] for post in burst().posts() if name in post.headers]
    moved = [
        shifted_post(post, DELTA_NS).headers[name]
        for post in burst().posts()
        if name in post.headers
    ]

    assert sorted(Counter(moved).values()) == sorted(Counter(ids).values())
    assert set(moved).isdisjoint(ids)
    for post in burst().posts():
        if name in post.headers:
            shifted = shifted_post(post, DELTA_NS)
            assert json.loads(shifted.body)["requestId"] == shifted.headers[name]


def test_log_events_moved_alike_keep_their_repetitions_and_the_length_of_their_ids() -> None:
    """56 digits again, as many different ones as before."""
    moved = [shifted_post(post, DELTA_NS) for post in burst().posts()]

    class Moved:
        def posts(self) -> list[Post]:
            return moved

    before, after = log_events(burst()), log_events(Moved())  # type: ignore[arg-type]
    assert len(after) == len(before)
    assert set(after).isdisjoint(before)
    assert {len(each) for each in after} == {len(each) for each in before}


def test_a_metric_stream_is_still_delimited_after_a_move() -> None:
    """Lengths are written anew; every export decodes and is of the new time."""
    moved = [shifted_post(post, DELTA_NS) for post in burst().posts()]

    class Moved:
        def posts(self) -> list[Post]:
            return moved

    exports = list(stream_exports(Moved()))  # type: ignore[arg-type]
    assert len(exports) == len(list(stream_exports(burst())))
    for export in exports:
        (metric,) = export.resource_metrics[0].scope_metrics[0].metrics
        (point,) = metric.summary.data_points
        assert point.start_time_unix_nano >= START_NS + DELTA_NS
