"""Trace ids that only log records name: X-Ray's, which goes on where the context was lost."""

from tests.model.stitching.build import CONSUMER, Story, key, link, log, span, tid

XRAY = "t" + tid("xray")


def test_a_link_joins_the_function_whose_log_names_the_trace() -> None:
    """The sender's own segment is exported nowhere; its log lines say which trace it was."""
    story = Story()
    story.trace("send", span("scan"), log(0, "scan", "scan", keys=XRAY))
    story.trace("take", span("index", at=5), span("index/p", "index", CONSUMER, at=5,
                links=[link("xray", "segment")]))  # fmt: skip
    told = story.stitched()

    assert told.event_of[story.where("send")] == told.event_of[story.where("take")]


def test_two_functions_whose_logs_name_one_trace_are_one_event() -> None:
    """X-Ray's trace id went from one function to the other, though the spans' did not."""
    story = Story()
    story.trace("first", span("pay"), log(0, "pay", "pay", keys=XRAY))
    story.trace("then", span("ship", at=3), log(3, "ship", "ship", keys=XRAY))
    told = story.stitched()

    assert told.event_of[story.where("first")] == told.event_of[story.where("then")]


def test_a_batch_that_names_no_trace_does_not_glue_what_it_sent() -> None:
    """Ten messages sent from one invocation are taken in one X-Ray trace by ten invocations."""
    story = Story()
    for number in range(10):
        name = f"notify{number}"
        story.trace(
            name,
            span(name, at=number, function="notify", invocation_id=f"req-{number}-4a5b6c7d8e9f"),
        )
        story.loose(
            name + " logs",
            log(
                number,
                "notify",
                invocation_id=f"req-{number}-4a5b6c7d8e9f",
                keys=(XRAY, key(f"ord-{number}00{number}")),
            ),
        )
    told = story.stitched()

    assert len({told.event_of[story.where(f"notify{number}")] for number in range(10)}) == 10
