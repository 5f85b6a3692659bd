"""What CloudWatch counts of the attempts, the throttled calls and the queues, minute by minute."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sample_data.written.aws import Point

from .runs import (
    CONCURRENCY,
    DEAD_SINCE_S,
    EU_MINUTES,
    QUEUE_MINUTES,
    RUNS,
    THROTTLES,
    Run,
)


def lambda_points(minute: int) -> list[Point]:
    """AWS/Lambda of one minute, under every set of dimensions Lambda publishes."""
    runs = [run for run in RUNS if run.minute == minute and run.function != "checkout-stock"]
    names = {run.function for run in runs}
    names |= {function for function, at in THROTTLES if at == minute}
    points = []
    for name in sorted(names):
        for point in _function_points(name, minute, [r for r in runs if r.function == name]):
            points.append(point)
            if name == "checkout-api":  # called without a qualifier: the same figures again
                points.append(replace(point, dimensions=(*point.dimensions, ("Resource", name))))
    own = [point for point in points if len(point.dimensions) == 1]
    return points + [_account(name, own) for name in ("Invocations", "Errors", "Throttles") if own]


def _function_points(name: str, minute: int, runs: Sequence[Run]) -> Iterator[Point]:
    base = Point("AWS/Lambda", "", "Count", minute, 0, 0.0, 0.0, 0.0, (("FunctionName", name),))
    throttled = THROTTLES.get((name, minute), 0)
    if runs:
        failed = sum(run.status != "success" for run in runs)
        yield _counter(base, "Invocations", len(runs), len(runs))
        yield _counter(base, "Errors", len(runs), failed)
        durations = [float(run.duration_ms) for run in runs]
        yield replace(
            base,
            name="Duration",
            unit="Milliseconds",
            samples=len(runs),
            total=round(sum(durations), 2),
            least=min(durations),
            most=max(durations),
        )
    yield _counter(base, "Throttles", len(runs) + throttled, throttled)
    most = float(CONCURRENCY.get((name, minute), 1))
    yield replace(base, name="ConcurrentExecutions", samples=1, total=most, least=most, most=most)


def _counter(base: Point, name: str, samples: int, amount: int) -> Point:
    """A counter: each call is a sample of 0 or 1."""
    least, most = float(amount == samples), float(amount > 0)
    return replace(base, name=name, samples=samples, total=float(amount), least=least, most=most)


def _account(name: str, points: Sequence[Point]) -> Point:
    """The account's aggregate: the same metric without a dimension."""
    same = [point for point in points if point.name == name]
    samples, amount = sum(p.samples for p in same), sum(p.total for p in same)
    base = replace(points[0], dimensions=())
    return _counter(base, name, samples, int(amount))


def queue_points(minute: int) -> Iterator[Point]:
    """AWS/SQS of one minute; both queues are active all along."""
    depth, age = QUEUE_MINUTES.get(minute, (0, 0))
    yield from _queue("checkout-queue", minute, depth, age)
    ends = minute * 60 + 60
    dead = ends > DEAD_SINCE_S
    yield from _queue("checkout-queue-dlq", minute, int(dead), ends - DEAD_SINCE_S if dead else 0)


def _queue(name: str, minute: int, depth: int, age: int) -> Iterator[Point]:
    base = Point("AWS/SQS", "", "Count", minute, 1, 0.0, 0.0, 0.0, (("QueueName", name),))
    of = float(depth)
    visible = "ApproximateNumberOfMessagesVisible"
    yield replace(base, name=visible, total=of, least=of, most=of)
    old = float(age)
    oldest = "ApproximateAgeOfOldestMessage"
    yield replace(base, name=oldest, unit="Seconds", total=old, least=old, most=old)


def eu_points(minute: int) -> Iterator[Point]:
    """AWS/Lambda of checkout-eu; a minute without invocations has no points."""
    if minute not in EU_MINUTES:
        return
    invoked, failed, throttled = EU_MINUTES[minute]
    dimensions = (("FunctionName", "checkout-eu"),)
    base = Point("AWS/Lambda", "", "Count", minute, 0, 0.0, 0.0, 0.0, dimensions)
    yield _counter(base, "Invocations", invoked, invoked)
    yield _counter(base, "Errors", invoked, failed)
    yield _counter(base, "Throttles", invoked + throttled, throttled)
