"""One scenario for each transport: a chain of three whose hops take turns in how context breaks."""

from collections.abc import Callable
from functools import partial

from benchmarks.stitching.channels import STYLES, Channel, Style
from benchmarks.stitching.labels import Event
from benchmarks.stitching.messages import send
from benchmarks.stitching.platforms import GOOGLE, NODE, PYTHON, WORKER
from benchmarks.stitching.run import Run
from benchmarks.stitching.story import HOMES, chain, request, take
from benchmarks.stitching.world import CLIENT, INTERNAL, MS, SECOND, SERVER, World

Fill = Callable[[World, int], None]


def transport(kind: str, world: World, count: int) -> None:
    """front -[first]-> middle -[second]-> last, each hop in any of the transport's styles."""
    styles = STYLES[kind]
    homes = HOMES[kind]
    for index in range(count):
        event = world.event(world.start_ns + index * 400 * MS)
        # Each style has functions of its own: a team's code is the same for all of its events.
        style, other = styles[index % len(styles)], styles[(index // 3) % len(styles)]
        names = [f"{kind}-{part}-{style.name}-{other.name}".lower() for part in _PARTS]
        functions = [
            world.function(name, homes[(index + place) % len(homes)])
            for place, name in enumerate(names)
        ]
        first = Channel(kind, f"{kind}-{style.name}-{other.name}".lower())
        second = Channel(kind, f"{kind}-late-{style.name}-{other.name}".lower())
        chain(world, event, functions, [(first, style), (second, other)])


_PARTS = ("front", "middle", "last")


def invoke(world: World, count: int) -> None:
    """A function calls the next: by parent, by the callee's request id on the caller's span."""
    caller, callee = world.function("quote", NODE), world.function("price", PYTHON)
    for index in range(count):
        event = world.event(world.start_ns + index * 300 * MS)
        run = request(world, caller, event)
        request_id = world.uuid()
        named = {
            "faas.invoked_name": "price",
            "faas.invoked_provider": "aws",
            "faas.invoked_region": "eu-west-1",
        }
        known = index % 2 == 0
        if known:
            named["faas.execution"] = request_id
        span = run.span("price Invoke", CLIENT, attributes=named, ms=30)
        if known:
            span.tie(event.name, f"i:{request_id}")
        parent = None if known else span.context
        at_ns = run.now - 20 * MS
        run.end()
        answer = Run(callee, at_ns, [event], trigger="other", parent=parent, request_id=request_id)
        answer.work()
        answer.log("priced")
        answer.end()


def objects(world: World, count: int) -> None:
    """An upload is written to a bucket; the function the bucket starts knows bucket and key."""
    bucket = Channel("s3", "documents")
    for index in range(count):
        event = world.event(world.start_ns + index * 300 * MS)
        run = request(world, world.function("upload", PYTHON), event)
        message = send(run, event, bucket, Style.OBJECT)
        run.end()
        take(world, world.function("thumbnail", NODE), message).end()


def workflow(world: World, count: int) -> None:
    """Step Functions: the starter and each state's function know the execution's ARN."""
    states = Channel("states", "fulfilment")
    for index in range(count):
        event = world.event(world.start_ns + index * 500 * MS)
        run = request(world, world.function("fulfil-start", NODE), event)
        message = send(run, event, states, Style.EXECUTION)
        run.end()
        for step, platform in (("pick", PYTHON), ("pack", NODE), ("post", PYTHON)):
            message.sent_ns += SECOND
            take(world, world.function(f"fulfil-{step}", platform), message).end()


def temporal(world: World, count: int) -> None:
    """Workers of a workflow engine: workflow and activities in traces of their own, ids on all."""
    for index in range(count):
        event = world.event(world.start_ns + index * 500 * MS)
        workflow_id, run_id = f"order-{world.hex(4)}", world.uuid()
        ids = {"temporalWorkflowID": workflow_id, "temporalRunID": run_id}
        run = request(world, world.function("order-gateway", GOOGLE), event)
        start = run.span("StartWorkflow:Order", CLIENT, attributes=ids)
        start.tie(event.name, f"v:{workflow_id}")
        at_ns = run.now
        run.end()
        for name in ("RunWorkflow:Order", "RunActivity:Charge", "RunActivity:Ship"):
            at_ns += world.rnd.randrange(20, 900) * MS
            kind = INTERNAL if "Workflow" in name else SERVER
            more = {} if "Workflow" in name else {"temporalActivityID": "1"}
            worker = Run(
                world.function("order-worker", WORKER),
                at_ns,
                [event],
                kind=kind,
                name=name,
                attributes=ids | more,
            )
            worker.root.tie(event.name, f"v:{workflow_id}")
            worker.work()
            worker.log(name)
            worker.end()


def direct(world: World, count: int) -> None:
    """HTTP from function to function: traceparent passed on, or lost but for a header's id."""
    front, back = world.function("cart", GOOGLE), world.function("tax", GOOGLE)
    for index in range(count):
        event = world.event(world.start_ns + index * 300 * MS)
        run = request(world, front, event)
        call = run.span("POST", CLIENT, ms=40)
        at_ns = run.now - 30 * MS
        kept = index % 2 == 0
        answer = Run(back, at_ns, [event], parent=call.context if kept else None)
        if not kept:
            _same_header(run, answer, event)
        answer.work()
        answer.end()
        run.end()


def _same_header(run: Run, answer: Run, event: Event) -> None:
    for each in (run, answer):
        each.add(each.root, {"http.request.header.x-correlation-id": [event.correlation]})
        each.root.tie(event.name, f"v:{event.correlation}")


SCENARIOS: dict[str, Fill] = {
    **{f"hop {kind}": partial(transport, kind) for kind in STYLES},
    "hop invoke": invoke,
    "hop object": objects,
    "hop workflow": workflow,
    "hop temporal": temporal,
    "hop http": direct,
}
