"""Ids that mislead: stale, swapped, constant, worthless, shared by tenants or by many events."""

from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.stitching.channels import Channel, Style
from benchmarks.stitching.labels import Event, Item
from benchmarks.stitching.messages import say_id, say_id_in_log, send
from benchmarks.stitching.platforms import AZURE, NODE, PYTHON, Attributes
from benchmarks.stitching.run import Run
from benchmarks.stitching.scenarios.hops import Fill
from benchmarks.stitching.story import chain, request, take
from benchmarks.stitching.world import DAY, HOUR, MS, SECOND, World

# Context goes all the way by links: only a wrong id could go wrong.
_SURE = (Style.LINK, Style.PARENT, Style.MESSAGE_ID, Style.LINK_AND_ID)


def _lie(run: Run, item: Item, fields: Attributes) -> None:
    run.add(item, fields)
    item.lie = True


def _events(world: World, count: int, correlation: str | None = None) -> list[Event]:
    return [
        world.event(world.start_ns + index * 400 * MS, correlation=correlation)
        for index in range(count)
    ]


def _sound(
    world: World,
    events: Sequence[Event],
    tag: str,
    spoil: Callable[[Run, int], None],
    *,
    says: bool = True,
) -> None:
    """A chain of three with sound context; ``spoil`` adds an id to each later invocation."""
    for index, event in enumerate(events):
        style = _SURE[index % len(_SURE)]
        run: Run = request(world, world.function(f"{tag}-a", NODE), event)
        if says:
            say_id(run, run.main, event)
        for step in ("b", "c"):
            message = send(run, event, Channel("sqs", f"{tag}-{style.name}-{step}".lower()), style)
            run.end()
            run = take(world, world.function(f"{tag}-{step}", NODE), message)
            spoil(run, index)
        run.end()


def stale(world: World, count: int) -> None:
    """A global variable: later functions report the id of the event before."""
    events = _events(world, count)

    def spoil(run: Run, index: int) -> None:
        if index % 2:
            _lie(run, run.main, {run.function.spelling: events[index - 1].correlation})
        else:
            say_id(run, run.main, events[index])

    _sound(world, events, "stale", spoil)


def stale_log(world: World, count: int) -> None:
    """The logger keeps the keys of the last invocation: its first line names the event before."""
    events = _events(world, count)

    def spoil(run: Run, index: int) -> None:
        if index % 3 == 2:
            line = run.log("start", {run.function.log_spelling: events[index - 1].correlation})
            line.lie = True
        say_id_in_log(run, events[index])

    _sound(world, events, "stalelog", spoil)


def stale_where_only_ids_tie(world: World, count: int) -> None:
    """As before, but nothing else than the ids leads to the later function: its span is right."""
    events = _events(world, count)
    for index, event in enumerate(events):
        run: Run = request(world, world.function("only-a", NODE), event)
        message = send(run, event, Channel("sqs", "only"), Style.CORRELATION)
        run.end()
        run = take(world, world.function("only-b", NODE), message)
        if index % 5 == 4:
            line = run.log("end", {run.function.log_spelling: events[index - 1].correlation})
            line.lie = True
        run.end()


def swapped(world: World, count: int) -> None:
    """Two events at once exchange their ids in one function (a race)."""
    events = _events(world, count)

    def spoil(run: Run, index: int) -> None:
        other = index ^ 1
        if index % 10 > 1 or other >= len(events):
            say_id(run, run.main, events[index])
        else:
            _lie(run, run.main, {run.function.spelling: events[other].correlation})

    _sound(world, events, "swap", spoil)


def constant(value: str, world: World, count: int) -> None:
    """Every event carries one and the same correlation id from the second function on."""

    def spoil(run: Run, index: int) -> None:
        run.add(run.main, {run.function.spelling: value})
        run.log("step", {"correlation_id": value})

    _sound(world, _events(world, count, value), f"constant-{value[:4]}", spoil, says=False)


def constant_everywhere(world: World, count: int) -> None:
    """The id of the deployment on every span from the front on, a UUID like any other."""
    value = world.uuid()
    for index, event in enumerate(_events(world, count)):
        style = _SURE[index % len(_SURE)]
        run: Run = request(world, world.function("deploy-a", NODE), event)
        run.add(run.main, {"correlation_id": value})
        message = send(run, event, Channel("sqs", f"deploy-{style.name}".lower()), style)
        run.end()
        run = take(world, world.function("deploy-b", NODE), message)
        run.add(run.main, {"correlation_id": value})
        run.end()


def worthless(world: World, count: int) -> None:
    """Words for nothing where an id should be."""
    words = (
        "", "null", "undefined", "unknown", "0", "test", "None", "N/A", "-",
        "00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000",
    )  # fmt: skip

    def spoil(run: Run, index: int) -> None:
        run.add(run.main, {run.function.spelling: words[index % len(words)]})
        run.log("step", {"correlation_id": words[index % len(words)]})

    _sound(world, _events(world, count), "empty", spoil, says=False)


def shared_ids(world: World, count: int) -> None:
    """Customers, products, sessions, users on all spans: they describe events and tie none."""
    customers = [world.uuid() for _ in range(5)]

    def spoil(run: Run, index: int) -> None:
        customer = customers[index % 5]
        run.add(
            run.main,
            {
                "session.id": f"s-{customer}",
                "user.id": customer,
                "customer_id": customer,
                "customer.id": customer,
                "product_id": f"SKU-{index % 7:05}-XL",
                "enduser.id": customer,
            },
        )
        run.log("step", {"customer_id": customer, "productId": f"SKU-{index % 7:05}-XL"})

    _sound(world, _events(world, count), "crowd", spoil)


def tenants(how: str, world: World, count: int) -> None:
    """Two tenants number their orders alike; each span or resource says whose it is."""
    names = ("acme", "globex")
    base = world.rnd.randrange(10_000, 900_000)
    for index in range(count):
        tenant = names[index % 2]
        number = str(base + index // 2)
        event = world.event(
            world.start_ns + index // 2 * SECOND + index % 2 * 100 * MS,
            correlation=number,
            tenant=tenant,
        )
        resource, attributes = _tenant(how, tenant)
        tag = f"{how}-{tenant}" if resource else how
        front = world.function(f"{tag}-front", NODE, **resource)
        worker = world.function(f"{tag}-worker", PYTHON, **resource)
        run: Run = request(world, front, event)
        message = send(run, event, Channel("sqs", f"{how}-orders"), Style.CORRELATION)
        run.end(everywhere=attributes)
        run = take(world, worker, message)
        message = send(run, event, Channel("sqs", f"{how}-mails"), Style.CORRELATION)
        run.end(everywhere=attributes)
        run = take(world, world.function(f"{tag}-mail", AZURE, **resource), message)
        run.end(everywhere=attributes)


def _tenant(how: str, tenant: str) -> tuple[Attributes, Attributes]:
    if how == "account":
        return {"cloud__account__id": f"00000000000{len(tenant)}"}, {}
    if how == "environment":
        return {"deployment__environment__name": f"{tenant}-prod"}, {}
    return {}, {how: tenant}


def reused(world: World, count: int) -> None:
    """Order numbers begin anew some days later: the same id, another event."""
    styles = (Style.CORRELATION, Style.CORRELATION_LOG, Style.OWN_NAME)
    base = world.rnd.randrange(100_000, 900_000)
    for index in range(count):
        style = styles[index // 2 % len(styles)]
        back_ns = (0, 3 * DAY)[index % 2]
        at_ns = world.start_ns - back_ns + index // 2 * SECOND
        event = world.event(at_ns, correlation=f"{base + index // 2}")
        names = [f"reuse-{step}-{style.name}".lower() for step in ("a", "b")]
        functions = [world.function(name, NODE) for name in names]
        chain(world, event, functions, [(Channel("sqs", f"reuse-{style.name}"), style)])


def mixed_spellings(world: World, count: int) -> None:
    """One id, spelt as every team likes: header array, camel case, conversation id, log field."""
    styles = (Style.CORRELATION, Style.CORRELATION_LOG, Style.OWN_NAME, Style.CORRELATION)
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        tag = index % 10
        functions = [
            world.function(f"spell-{tag}-{step}", (NODE, PYTHON, AZURE)[(tag + step) % 3])
            for step in range(5)
        ]
        hops = [(Channel("sqs", f"spell-{step}"), style) for step, style in enumerate(styles)]
        chain(world, event, functions, hops)


def late_twin(world: World, count: int) -> None:
    """A report names yesterday's order in its own request: two requests, one id each its own."""
    previous: Event | None = None
    for index in range(count):
        event = world.event(world.start_ns + index * HOUR // 60)
        run = request(world, world.function("twin-api", NODE), event)
        say_id(run, run.main, event)
        if previous:
            line = run.log("customer has another order", {"order_id": previous.correlation})
            line.lie = True
        message = send(run, event, Channel("sqs", "twins"), Style.LINK)
        run.end()
        taken = take(world, world.function("twin-worker", NODE), message)
        say_id(taken, taken.main, event)
        taken.end()
        previous = event


# Told apart by what their resources say alone, which no rule of the collector reads.
GAPS: dict[str, Fill] = {
    "tenants by account": partial(tenants, "account"),
    "tenants by environment": partial(tenants, "environment"),
}
SCENARIOS: dict[str, Fill] = {
    "stale id": stale,
    "stale id in a log line": stale_log,
    "stale id, nothing else ties": stale_where_only_ids_tie,
    "swapped ids": swapped,
    "constant word": partial(constant, "shop-frontend"),
    "constant uuid": partial(constant, "7d1f0c52-9d56-4a4e-8a50-4f3d6f5f9c11"),
    "id of the deployment": constant_everywhere,
    "worthless ids": worthless,
    "customer, session, product": shared_ids,
    "tenants by attribute": partial(tenants, "tenant.id"),
    "tenants by own name": partial(tenants, "tenantId"),
    "id reused days later": reused,
    "many spellings": mixed_spellings,
    "another event's id named": late_twin,
}
