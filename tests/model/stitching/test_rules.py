"""Each rule of stitching: what it joins, and what it must not."""

import pytest

from collector.model.stitching.keys import REQUEST_FAMILY, Kind
from collector.model.stitching.rules import Queues, Rules, dead_letter_source
from tests.model.stitching.build import (
    CLIENT,
    CONSUMER,
    PRODUCER,
    S,
    Story,
    key,
    link,
    log,
    order,
    request,
    span,
    tid,
    uuid,
    worker,
)

HOUR = 3600


def hop(story: Story, name: str, *, out: str = "q", into: str = "q", message: str = "m") -> Story:
    """A request that sends a message, and a worker that takes it."""
    request(story, f"{name} api", more=[
        span(f"{name} send", f"api/{name} api", PRODUCER, 0, function="api", message=message,
             destination=out)])  # fmt: skip
    return worker(story, f"{name} worker", 5, more=[
        span(f"{name} process", f"worker/{name} worker", CONSUMER, 5, function="worker",
             called=f"process {into}", message=message, destination=into)])  # fmt: skip


def test_a_message_id_joins_sender_and_receiver():
    """The same unique id on the same queue."""
    story = hop(Story(), "o")
    (joint,) = story.stitched().joints

    assert story.one_event("o api", "o worker")
    assert (joint.kind, joint.confidence, joint.exact) == (Kind.MESSAGE, 0.95, True)
    assert joint.source == story.where("o api")


def test_a_unique_message_id_joins_elsewhere_with_less_confidence():
    """A UUID seen at another destination is still that message."""
    (joint,) = hop(Story(), "o", out="topic", into="queue").stitched().joints

    assert joint.confidence == 0.9


def test_a_dead_letter_queue_counts_as_its_queue():
    """The id of a message does not change when it is put aside."""
    (joint,) = hop(Story(), "o", out="orders", into="orders-dlq").stitched().joints

    assert joint.confidence == 0.95


@pytest.mark.parametrize(
    ("name", "source"),
    [("orders-dlq", "orders"), ("orders_DLQ", "orders"), ("orders-dlq.fifo", "orders.fifo"),
     ("orders-dead-letters", "orders"), ("orders-poison", "orders"),
     ("orders/$deadletterqueue", "orders"), ("orders", None), ("saddle", None)],
)  # fmt: skip
def test_dead_letter_queues_are_known_by_name(name: str, source: str | None):
    """Usual endings name the queue they serve."""
    assert dead_letter_source(name) == source


def test_settings_name_dead_letter_queues_too():
    """A queue the user says holds the dead letters of another."""
    queues = Queues({"graveyard": "orders"})

    assert queues.is_dead("graveyard")
    assert queues.source("graveyard") == "orders"


def test_a_link_to_an_unknown_span_of_a_known_trace_joins():
    """AWSTraceHeader names a segment that nobody exports, in a trace that is here."""
    story = request(Story(), "api")
    worker(story, "w", links=[link("api", "nobody's")])

    assert story.one_event("api", "w")


def test_links_to_a_trace_that_never_came_join_nothing():
    """One lost span may have sent messages of many events."""
    story = Story()
    for name in ("a", "b"):
        worker(story, name, function=name, links=[link("lost", "lost span")])

    assert not story.one_event("a", "b")


def test_a_trace_named_in_log_lines_joins_what_links_to_it():
    """Powertools writes X-Ray's trace id into each line; Node links to that trace."""
    story = request(Story(), "api", more=[])
    story.trace("api", span("api/api", function="api", trigger="http"),
                log(0, "api", "api/api", keys="t" + tid("xray")))  # fmt: skip
    worker(story, "w", links=[link("xray", "segment")])

    assert story.one_event("api", "w")


def test_an_asynchronous_retry_has_the_same_request_id():
    """Two environments, one request: attempts at the same work."""
    story = Story()
    for at, name in ((0, "first"), (60, "second")):
        worker(story, name, at, invocation_id=uuid("request"), failed=at == 0)

    assert story.one_event("first", "second")


def test_a_caller_that_knows_the_callees_request_id_is_of_its_event():
    """The invoke span of the JS SDK holds the id of what it invoked."""
    call = span("call", "api/api", CLIENT, 0, function="api", invocation_id=uuid("called"))
    story = request(Story(), "api", more=[call])
    worker(story, "w", invocation_id=uuid("called"))

    assert story.one_event("api", "w")


def test_log_lines_without_a_trace_join_by_request_id():
    """A function that only logs, and the span of its invocation."""
    story = worker(Story(), "w", invocation_id=uuid("r"))
    story.loose("lines", log(1, "worker", invocation_id=uuid("r")))

    assert story.one_event("w", "lines")


def test_a_correlation_id_joins_where_the_context_is_lost():
    """Nothing but the id leads from the request to the worker."""
    story = worker(request(Story(), "api", keys=key("o-4711")), "w", keys=key("o-4711"))
    (joint,) = story.stitched().joints

    assert (joint.kind, joint.confidence, joint.exact) == (Kind.CORRELATION, 0.8, False)


def test_business_ids_tie_only_with_a_correlation_id():
    """Two events of one product are two; an order id that is the correlation id elsewhere ties."""
    story = worker(request(Story(), "api", keys=order("o-4711")), "w", keys=order("o-4711"))
    assert not story.one_event("api", "w")

    worker(story, "mail", 3, function="mail", keys=key("o-4711"))
    assert story.one_event("api", "w", "mail")


def test_three_receivers_of_one_notification_are_one_event():
    """SNS fans out to three queues under one correlation id."""
    story = request(Story(), "api", keys=key("o-4711"))
    for name in ("mail", "bill", "ship"):
        worker(story, name, function=name, keys=key("o-4711"))

    assert story.one_event("api", "mail", "bill", "ship")


def test_a_schedule_that_starts_two_hundred_children_is_one_event():
    """Fan-out is no hub."""
    story = Story()
    names = [f"child {number}" for number in range(200)]
    story.trace("cron", span("cron", trigger="timer"))
    for name in names:
        worker(story, name, links=[link("cron", "cron")])

    assert story.one_event("cron", *names)


@pytest.mark.parametrize("count", [2, 10])
def test_a_constant_id_joins_nothing(count: int):
    """The same id on every request is the id of none."""
    story = Story()
    for number in range(count):
        request(story, f"api {number}", number, keys=key("shop-frontend"))
        worker(story, f"w {number}", number + 1, keys=key("shop-frontend"))

    assert len(story.events("api 0", "api 1", "w 0", "w 1")) == 4
    assert story.reasons() == {"v:shop-frontend": "constant"}


def test_an_id_that_two_requests_come_to_share_further_on_is_constant():
    """Neither of them named it; what came of both did."""
    story = Story()
    for name in ("a", "b"):
        request(story, f"api {name}", function=f"api-{name}")
        worker(story, f"w {name}", function=f"w-{name}", keys=key("release-42"),
               links=[link(f"api {name}", "x")])  # fmt: skip

    assert not story.one_event("w a", "w b")


def test_a_client_that_retries_a_failed_request_is_one_event():
    """A start that failed does not count."""
    story = request(Story(), "first", keys=key("o-4711"), failed=True)
    request(story, "again", 2, keys=key("o-4711"))

    assert story.one_event("first", "again")


def test_who_asks_for_the_state_of_an_order_again_and_again_spoils_nothing():
    """Asking the same function later does not make the id a constant."""
    story = worker(request(Story(), "post", keys=key("o-4711")), "w", keys=key("o-4711"))
    request(story, "get", 60, keys=key("o-4711"))

    assert story.one_event("post", "w")


def test_the_id_of_another_event_is_contradicted():
    """A later function reports the id of the event before: its own request says otherwise."""
    story = request(Story(), "a", 0, keys=key("o-1111"))
    request(story, "b", 1, keys=key("o-2222"))
    worker(story, "w", 2, keys=key("o-1111"), links=[link("b", "x")])

    assert story.one_event("b", "w")
    assert not story.one_event("a", "b")
    assert story.reasons() == {"v:o-1111": "contradicted"}


def test_an_id_left_over_from_the_last_request_is_contradicted():
    """The first line of a warm environment names what it did before."""
    story = request(Story(), "a", 0, keys=key("o-1111"))
    story.trace("b", span("api/b", at=9, function="api", trigger="http", keys=key("o-2222")),
                log(9, "api", "api/b", correlation_id="o-1111"))  # fmt: skip

    assert not story.one_event("a", "b")


def test_a_schedule_that_looks_at_open_orders_joins_none():
    """A report names orders of earlier requests: it is an event of its own."""
    story = Story()
    for number in range(3):
        request(story, f"r{number}", number, keys=key(f"o-{number}{number}{number}{number}"))
    story.trace("cron", span("cron", at=50, trigger="timer", lasts=9), *(
        log(51, "cron", "cron", correlation_id=f"o-{n}{n}{n}{n}") for n in range(3)))  # fmt: skip

    assert len(story.events("cron", "r0", "r1", "r2")) == 4


def test_tenants_that_share_ids_stay_apart():
    """Two tenants number their orders alike; what names none joins neither."""
    story = Story()
    for tenant in ("acme", "globex"):
        request(story, f"{tenant} api", keys=(key("1001-x"), "n" + tenant))
        worker(story, f"{tenant} w", keys=(key("1001-x"), "n" + tenant))
    worker(story, "whose", 3, function="mail", keys=key("1001-x"))

    assert story.one_event("acme api", "acme w")
    assert len(story.events("acme api", "globex api", "whose")) == 3
    assert story.reasons() == {"v:1001-x": "tenants"}


@pytest.mark.parametrize(("count", "joined"), [(500, True), (501, False)])
def test_a_hub_joins_nothing(count: int, joined: bool):
    """More than 500 holders within a day."""
    story = Story()
    for number in range(count):
        worker(story, f"w{number}", number, function=f"f{number}", keys=key("campaign-7"))

    assert story.one_event("w0", "w1") is joined
    assert (story.reasons() == {"v:campaign-7": "hub"}) is not joined


@pytest.mark.parametrize(
    "value", ["", "null", "unknown", "0", "00000000-0000-0000-0000-000000000000"]
)
def test_words_for_nothing_join_nothing(value: str):
    """An id that says nothing is no id."""
    story = worker(request(Story(), "api", keys=key(value)), "w", keys=key(value))

    assert not story.one_event("api", "w")


def test_short_message_ids_mean_something_at_their_queue_only():
    """The first message of two queues."""
    story = Story()
    for queue in ("orders", "mails"):
        worker(story, queue, function=queue, more=[
            span(f"p {queue}", f"{queue}/{queue}", CONSUMER, 1, function=queue, called="process",
                 message="17", unique=False, destination=queue)])  # fmt: skip

    assert not story.one_event("orders", "mails")


def test_an_object_joins_its_reader_to_the_last_writer():
    """A key that several events overwrite: each reader is of the write before it."""
    story = Story()
    for number in range(3):
        at = number * 100
        request(story, f"put {number}", at, more=[
            span(f"S3.PutObject {number}", f"api/put {number}", CLIENT, at, function="api",
                 keys="obucket/report.csv")])  # fmt: skip
        worker(story, f"get {number}", at + 10, keys="obucket/report.csv")

    assert all(story.one_event(f"put {n}", f"get {n}") for n in range(3))
    assert len(story.events("put 0", "put 1", "put 2")) == 3


def test_an_object_that_everybody_reads_joins_nobody():
    """A configuration file, written once and read by every invocation."""
    put = span("S3.PutObject", "api/deploy", CLIENT, 0, function="api", keys="ob/config.json")
    story = request(Story(), "deploy", more=[put])
    for number in range(4):
        worker(story, f"w{number}", number + 5, keys="ob/config.json")

    assert len(story.events("deploy", "w0", "w1")) == 3


def test_ids_reused_after_days_are_other_events():
    """The look-back of a correlation id is a day, that of a message id two weeks."""
    story = worker(
        request(Story(), "api", keys=key("o-4711")), "late", 30 * HOUR, keys=key("o-4711")
    )
    assert not story.one_event("api", "late")

    story = hop(Story(), "o")
    redriven = span("again/p", "again", CONSUMER, 100 * HOUR, function="worker", message="m",
                    called="process q", destination="q")  # fmt: skip
    story.trace("again", span("again", at=100 * HOUR, function="worker"), redriven)
    assert story.one_event("o api", "again")


@pytest.mark.parametrize("skew", [-120, 120])
def test_clocks_that_differ_by_minutes_join_all_the_same(skew: int):
    """A worker whose clock is off takes the message before it was sent."""
    story = request(Story(), "api", 1000, keys=key("o-4711"))
    worker(story, "w", 1001 + skew, keys=key("o-4711"))

    assert story.one_event("api", "w")


def test_a_correlation_id_that_is_the_trace_id_of_the_request_joins_its_trace():
    """Systems name an event by the trace of its first request."""
    story = worker(request(Story(), "api"), "w", keys=key(tid("api")))
    (joint,) = story.stitched().joints

    assert story.one_event("api", "w")
    assert not joint.exact


def test_a_saga_with_its_compensation_is_one_event():
    """An execution id leads from the order to what undoes it, across functions."""
    story = request(Story(), "order", keys="x" + uuid("execution"))
    for name in ("refund", "cancel"):
        worker(story, name, function=name, keys="x" + uuid("execution"))

    assert story.one_event("order", "refund", "cancel")


def test_joints_below_the_threshold_are_told_but_connect_nothing():
    """The user may ask for more than a correlation id gives."""
    story = worker(request(Story(), "api", keys=key("o-4711")), "w", keys=key("o-4711"))
    stitched = story.stitched(rules=Rules(threshold=0.85))

    assert [joint.confidence for joint in stitched.joints] == [0.8]
    assert len(set(stitched.event_of.values())) == 2


def test_verdicts_hold_for_keys_whose_groups_are_not_given_whole():
    """A constant found earlier joins nothing in a later run that sees two of its holders."""
    story = worker(request(Story(), "api", keys=key("o-4711")), "w", keys=key("o-4711"))

    assert len(set(story.stitched(verdicts={"v:o-4711": "constant"}).event_of.values())) == 2


def test_spans_of_one_event_lost_here_and_there_leave_the_rest_joined():
    """A trace whose first span never came joins by what is left."""
    story = hop(Story(), "o")
    story.trace("o api", span("o send", "api/o api", PRODUCER, 0, function="api", message="m",
                              destination="q"))  # fmt: skip

    assert story.one_event("o api", "o worker")
    assert next(iter(story.cuts["o api"].fragments)).phantom_count == 1
    assert S == 1_000_000_000


def test_events_of_two_sources_with_one_number_are_two_events():
    """A CloudEvent is named by source and id together; a bare number means nothing elsewhere."""
    story = Story()
    for name in ("orders", "refunds"):
        said = {"keys": f"e/{name}\n1234567890"}
        story.trace(f"{name} out", span(f"{name} send", kind=PRODUCER, **said))
        story.trace(f"{name} in", span(f"{name} handle", kind=CONSUMER, at=2, **said))

    assert story.one_event("orders out", "orders in")
    assert story.one_event("refunds out", "refunds in")
    assert not story.one_event("orders out", "refunds out")


def test_what_a_numbered_event_caused_is_of_its_event():
    """Who names only the number as its cause meets the one event that has it."""
    story = Story()
    story.trace("out", span("send", kind=PRODUCER, keys="e/orders\n1234567890"))
    story.trace("caused", span("follow", kind=CONSUMER, at=2, keys="u1234567890"))

    assert story.one_event("out", "caused")


def test_an_execution_of_a_workflow_is_known_by_its_name_and_by_its_id():
    """Google's API answers with the whole name, a step of the workflow sees the id alone."""
    whole = f"xprojects/p/locations/l/workflows/w/executions/{uuid('run')}"
    story = Story().trace("start", span("start", kind=CLIENT, keys=whole))
    story.trace("step", span("step", at=2, keys=f"x{uuid('run')}"))

    assert story.one_event("start", "step")


def test_calls_with_request_ids_of_their_own_do_not_make_a_message_a_batch():
    """Each request that a worker makes has an id of its own; the work is one message's."""
    story = worker(Story(), "w", 5, more=[
        span(f"call {n}", "worker/w", CLIENT, 5 + n, function="worker", lasts=0.5,
             keys=f"k{REQUEST_FAMILY}{uuid(f'r{n}')}")
        for n in range(3)
    ])  # fmt: skip

    assert len(story.fragments) == 1
