"""Whole business processes: fan-out, fan-in, schedules, a saga with compensation, long waits."""

from benchmarks.stitching.channels import Channel, Message, Style
from benchmarks.stitching.labels import Event
from benchmarks.stitching.messages import receive, say_id, send
from benchmarks.stitching.platforms import AZURE, GOOGLE, JAVA, NODE, PYTHON
from benchmarks.stitching.run import Run
from benchmarks.stitching.scenarios.hops import Fill
from benchmarks.stitching.story import arrival, finish_each, request, take
from benchmarks.stitching.world import HOUR, MINUTE, MS, SECOND, World


def fan_out(world: World, count: int) -> None:
    """One request sends 3 to 30 messages, each taken on its own: one event."""
    styles = (Style.LINK_AND_ID, Style.CORRELATION, Style.PARENT, Style.MESSAGE_ID)
    for index in range(count):
        event = world.event(world.start_ns + index * 2 * SECOND)
        style = styles[index % len(styles)]
        channel = Channel("sqs", f"tasks-{style.name}".lower())
        run = request(world, world.function(f"split-{style.name}".lower(), NODE), event)
        messages = [send(run, event, channel, style) for _ in range(world.rnd.randrange(3, 31))]
        run.end()
        worker = world.function(f"task-{style.name}".lower(), PYTHON)
        for message in messages:
            take(world, worker, message).end()


def fan_in(world: World, count: int) -> None:
    """Tasks of one event report to a queue; its reader takes them in batches of that event."""
    tasks, results = Channel("sqs", "parts"), Channel("sqs", "results")
    for index in range(count):
        event = world.event(world.start_ns + index * 2 * SECOND)
        run = request(world, world.function("slice", PYTHON), event)
        sent = [send(run, event, tasks, Style.LINK) for _ in range(4)]
        run.end()
        back: list[Message] = []
        for message in sent:
            worker = take(world, world.function("part", PYTHON), message)
            back.append(send(worker, event, results, Style.LINK_AND_ID))
            worker.end()
        for few in (back[:3], back[3:]):
            at_ns = max(arrival(world, each) for each in few)
            gather = receive(world.function("gather", NODE), few, at_ns)
            finish_each(gather, few)
            gather.end()


def scheduled(world: World, count: int) -> None:
    """A timer's run sends messages for all it finds: one event, for nothing else began it."""
    for index in range(count):
        event = world.event(world.start_ns + index * MINUTE)
        timer = Run(
            world.function("nightly", NODE),
            event.at_ns,
            [event],
            trigger="timer",
            attributes={"faas.cron": "0 1 * * *"},
        )
        timer.work()
        channel = Channel("sqs", "reports")
        messages = [send(timer, event, channel, Style.LINK_AND_ID) for _ in range(6)]
        timer.end()
        for message in messages:
            take(world, world.function("report", NODE), message).end()


def timer_alone(world: World, count: int) -> None:
    """A schedule whose runs log one and the same job id: each run is an event of its own."""
    job = world.uuid()
    for index in range(count):
        event = world.event(world.start_ns + index * MINUTE)
        timer = Run(world.function("cleanup", PYTHON), event.at_ns, [event], trigger="timer")
        timer.log("start", {"correlation_id": job})
        timer.work()
        timer.end()


def saga(world: World, count: int) -> None:
    """Order, payment, stock over a bus; where stock is gone a workflow compensates, by ARN."""
    bus, orders = Channel("eventbridge", "shop"), Channel("sqs", "saga-orders")
    compensation, told = Channel("states", "compensation"), Channel("sns", "order-updates")
    for index in range(count):
        event = world.event(world.start_ns + index * 700 * MS)
        run = request(world, world.function("orders-api", PYTHON), event)
        say_id(run, run.main, event, own_name=True)
        order = send(run, event, orders, Style.LINK)
        run.end()
        paid = take(world, world.function("payment", PYTHON), order)
        captured = send(paid, event, bus, Style.CORRELATION)
        paid.end()
        stock = take(world, world.function("inventory", PYTHON), captured)
        if index % 3 == 0:
            execution = send(stock, event, compensation, Style.EXECUTION)
            stock.end("out of stock")
            for step in ("payment-refund", "order-cancel"):
                execution.sent_ns += 800 * MS
                last = take(world, world.function(step, PYTHON), execution)
                if step == "payment-refund":
                    last.end()
            update = send(last, event, told, Style.CORRELATION_LOG)
            last.end()
        else:
            update = send(stock, event, told, Style.CORRELATION_LOG)
            stock.end()
        take(world, world.function("notify", NODE), update).end()


def durable(world: World, count: int) -> None:
    """Azure Durable Functions: orchestration and activities, each replay in a trace of its own."""
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        instance = world.uuid().replace("-", "")
        ids = {"durabletask.task.instance_id": instance, "durabletask.type": "orchestration"}
        run = request(world, world.function("checkout-start", AZURE), event)
        start = run.span("create_orchestration:Checkout", 4, attributes=ids)
        start.tie(event.name, f"v:{instance}")
        at_ns = run.now
        run.end()
        for number in range(3):
            at_ns += world.rnd.randrange(1, 20) * SECOND
            replay = Run(
                world.function("checkout-orchestrator", AZURE), at_ns, [event], trigger="other"
            )
            span = replay.span("orchestration:Checkout", 2, attributes=ids)
            span.tie(event.name, f"v:{instance}")
            if number < 2:
                replay.span("activity:Charge", attributes=ids | {"durabletask.type": "activity"})
            replay.end()


def lambda_durable(world: World, count: int) -> None:
    """Lambda durable functions: every replay has a request id of its own, the ARN is the same."""
    base = "arn:aws:lambda:eu-west-1:123456789012:function:onboard:3/durable-execution"
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        arn = f"{base}/{world.hex(4)}/{world.uuid()}"
        at_ns = event.at_ns
        for _ in range(3):
            run = Run(world.function("onboard", PYTHON), at_ns, [event], trigger="other")
            span = run.span("Invocation", 1, attributes={"durable.execution.arn": arn})
            span.tie(event.name, f"v:{arn}")
            run.log("step", {"executionArn": arn}).tie(event.name, f"v:{arn}")
            run.end()
            at_ns += world.rnd.randrange(1, 10) * MINUTE


def long_waits(world: World, count: int) -> None:
    """Hours between the parts: back-off, an approval; the order id or the message tie them."""
    slow, approved = Channel("sqs", "slow"), Channel("servicebus", "approvals")
    for index in range(count):
        event = world.event(world.start_ns + index * 2 * MINUTE)
        style = (Style.MESSAGE_ID, Style.CORRELATION, Style.LINK)[index % 3]
        run = request(world, world.function(f"claim-{style.name}".lower(), NODE), event)
        message = send(run, event, slow, style)
        run.end()
        message.sent_ns += world.rnd.randrange(1, 5) * HOUR
        handled = take(world, world.function(f"assess-{style.name}".lower(), PYTHON), message)
        other = (Style.CORRELATION, Style.CORRELATION, Style.LINK)[index % 3]
        answer = send(handled, event, approved, other)
        handled.end()
        answer.sent_ns += world.rnd.randrange(1, 6) * HOUR
        take(world, world.function(f"payout-{other.name}".lower(), AZURE), answer).end()


def deep(world: World, count: int) -> None:
    """Twelve hops, every style in turn: one that fails breaks the event."""
    styles = (
        Style.LINK, Style.CORRELATION, Style.MESSAGE_ID, Style.PARENT, Style.LINK_AND_ID,
        Style.CORRELATION_LOG, Style.XRAY_LOG, Style.LINK_UNKNOWN, Style.OWN_NAME, Style.XRAY_TRACE,
    )  # fmt: skip
    for index in range(max(1, count // 3)):
        event: Event = world.event(world.start_ns + index * SECOND)
        run: Run = request(world, world.function("deep-0", NODE), event)
        for step in range(12):
            channel = Channel("sqs", f"deep-{step}")
            message = send(run, event, channel, styles[step % len(styles)])
            run.end()
            run = take(world, world.function(f"deep-{step + 1}", (NODE, PYTHON)[step % 2]), message)
        run.end()


def polling(world: World, count: int) -> None:
    """The client asks for its order's state, by its correlation id, again and again: one event."""
    channel = Channel("sqs", "poll-orders")
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, world.function("place", GOOGLE), event)
        message = send(run, event, channel, Style.CORRELATION)
        run.end()
        take(world, world.function("handle", JAVA), message).end()
        for number in range(1, world.rnd.randrange(2, 6)):
            asked = request(
                world, world.function("state", GOOGLE), event, at_ns=event.at_ns + number * SECOND
            )
            say_id(asked, asked.main, event)
            asked.end()


SCENARIOS: dict[str, Fill] = {
    "fan-out": fan_out,
    "fan-in": fan_in,
    "scheduled": scheduled,
    "scheduled, one job id": timer_alone,
    "saga": saga,
    "durable (azure)": durable,
    "durable (lambda)": lambda_durable,
    "long waits": long_waits,
    "deep chain": deep,
    "polling client": polling,
}
