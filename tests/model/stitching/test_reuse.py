"""Trace ids that several events share: kept by an environment, or of a loop without end."""

from tests.model.stitching.build import CLIENT, CONSUMER, S, Story, key, log, request, span, uuid

HOUR = 3600
SERVED = {"function": "api", "trigger": "http", "resource_id": 1}


def test_requests_that_an_environment_serves_under_one_trace_id_are_events_each() -> None:
    """A tracer that was set up once a process: roots of one trace, one after the other."""
    story = Story().trace(
        "stuck",
        *(
            each
            for n in range(3)
            for each in (
                span(f"r{n}", at=100 * n, invocation_id=uuid(f"r{n}"), **SERVED),
                span(f"r{n}/db", f"r{n}", CLIENT, 100 * n, function="api"),
                log(100 * n, "api", invocation_id=uuid(f"r{n}")),
            )
        ),
    )

    assert len(story.events(*(("stuck", f"r{n}") for n in range(3)))) == 3
    assert all(story.one_event(("stuck", f"r{n}"), ("stuck", f"r{n}/db")) for n in range(3))
    assert len(story.fragments) == 3  # no record is left over for a fragment of its own


def test_what_such_requests_send_is_of_the_event_that_sent_it() -> None:
    """The trace id ties nothing then, the message ids do."""
    story = Story().trace(
        "stuck",
        *(
            each
            for n in range(2)
            for each in (
                span(f"r{n}", at=100 * n, invocation_id=uuid(f"r{n}"), **SERVED),
                span(f"r{n}/send", f"r{n}", 4, 100 * n, function="api", message=f"m{n}"),
            )
        ),
    )
    for n in range(2):
        story.trace(f"w{n}", span(f"w{n}", None, CONSUMER, 100 * n + 5, message=f"m{n}"))

    assert story.one_event(("stuck", "r0"), "w0")
    assert story.one_event(("stuck", "r1"), "w1")
    assert not story.one_event("w0", "w1")


def test_attempts_and_concurrent_roots_stay_one_trace() -> None:
    """An asynchronous retry has its request id again; what overlaps was called, if only by name."""
    retried = Story().trace(
        "t", *(span(f"a{n}", at=100 * n, invocation_id=uuid("r"), **SERVED) for n in range(3))
    )
    fanned = Story().trace(
        "t", *(span(f"b{n}", at=n / 2, invocation_id=uuid(f"b{n}"), **SERVED) for n in range(3))
    )

    assert len(retried.fragments) == len(fanned.fragments) == 1


def loop(lasts: float, *, ended: bool = True, **head: object) -> Story:
    """A loop that handles two pieces of work of two requests."""
    story = Story()
    spans = [] if not ended else [span("loop", kind=1, lasts=lasts, function="loop", **head)]
    for n in range(2):
        request(story, f"o{n}", at=n * lasts / 2, correlation_id=uuid(f"o{n}"))
        at = n * lasts * 0.9 + 1
        spans += [
            span(f"work{n}", "loop", 1, at, function="loop", correlation_id=uuid(f"o{n}")),
            span(f"db{n}", f"work{n}", CLIENT, at, function="loop"),
        ]
    return story.trace("endless", *spans)


def test_a_loop_without_end_serves_an_event_with_each_piece_of_its_work() -> None:
    """It says of which; whether its own span ever ended makes no difference."""
    for story in (loop(3 * HOUR), loop(3 * HOUR, ended=False)):
        assert story.one_event(
            "o0",
            ("endless", "work0"),
        )
        assert story.one_event("o1", ("endless", "work1"))
        assert story.one_event(("endless", "db1"), ("endless", "work1"))
        assert not story.one_event("o0", "o1")


def test_work_that_names_many_ids_in_a_minute_or_has_one_of_its_own_is_one_event() -> None:
    """A script that places orders, and a workflow of days."""
    assert len(loop(60).cuts["endless"].fragments) == 1
    assert len(loop(3 * HOUR, correlation_id="run-7").cuts["endless"].fragments) == 1
    assert len(loop(3 * HOUR, trigger="timer").cuts["endless"].fragments) == 1


def test_records_of_a_trace_without_spans_are_parted_as_those_of_a_batch() -> None:
    """Traces are exported elsewhere: what the records of one invocation name tells them apart."""
    story = Story()
    for n in range(2):
        request(story, f"o{n}", at=n, correlation_id=f"o-{n}000")
    story.trace(
        "logs",
        log(10, "worker", invocation_id=uuid("w")),
        *(log(11 + n + m / 10, "worker", invocation_id=uuid("w"), keys=key(f"o-{n}000"))
          for n in range(2) for m in range(2)),
    )  # fmt: skip
    events = story.stitched().events()

    assert not story.one_event("o0", "o1")
    assert sorted(len(members) for members in events.values()) == [2, 2]


def test_records_of_a_trace_without_spans_are_one_fragment_where_they_name_one_id() -> None:
    """One left over from the invocation before makes no batch."""
    story = Story().trace(
        "logs",
        log(10, "worker", keys=key("old-1000")),
        *(log(11 + n, "worker", keys=key("new-1000")) for n in range(2)),
    )

    assert len(story.fragments) == 1
    assert story.fragments[0].end_ns == 12 * S
