"""Random traces whose values meet, as rows of the store."""

from random import Random
from typing import Any, Final

T0_NS: Final = 1_700_000_000_000_000_000
_FUNCTIONS: Final = ("orders", "worker", "mailer", None)
_NAMES: Final = (
    "orders process", "send order", "receive orders", "GET /orders", "work", "poll", "émis",
    "İsend", "SEND",
)  # fmt: skip
_IDS: Final = (
    "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab",
    "7f1c2d3e-4a5b-4c6d-8e7f-0123456789ab",
    "0", "11", "17", "unknown", " Unknown ", "\tunknown", "order-7", "MÜNCHEN-1234567890",
)  # fmt: skip
_VALUES: Final = ("ord-1", "ord-2", "null", "1111", "0af7651916cd43dd8448eb211c80319c")
_KEYS: Final = (
    "wororder-1", "wororder-2", "kccord-1", "kcuord-2", "fcu", "nacme", "nother", "r2", "r3", "b1",
    "b2", "qpay-1", "fUz", "kUzreq-1", "eevt-1234567890123456", "g17", "xrun-1",
)  # fmt: skip

Rows = dict[str, list[dict[str, Any]]]


def traces(random: Random, count: int) -> list[Rows]:
    """So many traces: rows of ``spans``, ``span_links`` and ``log_records``, without trace ids."""
    return [_trace(random) for _ in range(count)]


def ordinary_traces(random: Random, count: int) -> list[Rows]:
    """As many that are plain more often than not: nothing is received twice, parents come first."""
    return [_ordinary(_trace(random), random) for _ in range(count)]


def _ordinary(trace: Rows, random: Random) -> Rows:
    of_one = random.choice(_VALUES)
    for number, span in enumerate(trace["spans"], 1):
        span["parent_span_id"] = random.choice((None, *range(1, number), 7))
        span["start_ns"] = T0_NS + number * random.choice((0, 5))
        span["function"] = span["function"] or random.choice(_FUNCTIONS)
        span["kind"] = min(span["kind"], 4) if number > 1 else span["kind"]
        if span["kind"] not in (3, 4) and number > 1:
            span["message_id"] = None
        span["correlation_id"] = span["correlation_id"] and of_one
        span["destination"] = random.choice(("orders", "mails", ""))
    for log in trace["log_records"]:
        log["correlation_id"] = log["correlation_id"] and of_one
    return trace


def _trace(random: Random) -> Rows:
    spans = [_span(random, number + 1) for number in range(random.randint(0, 4))]
    links = [_link(random, random.choice(spans))] if spans and random.random() < 0.3 else []
    logs = [_log(random) for _ in range(random.choice((0, 0, 1, 2)))]
    return {"spans": spans, "span_links": links, "log_records": logs}


def _span(random: Random, number: int) -> dict[str, Any]:
    pick = random.choice
    return {
        "span_id": number,
        "parent_span_id": pick((None, 1, 2, 3, 7)),
        "name": pick(_NAMES),
        "kind": random.randint(0, 5),
        "start_ns": T0_NS + random.randint(0, 20) + number * pick((0, 5)),
        "duration_ns": pick((None, -2, 0, 3, 9)),
        "status_code": pick((0, 0, 0, 2)),
        "function": pick(_FUNCTIONS),
        "resource_id": pick((None, 1, 2)),
        "invocation_id": pick((None, None, *_IDS)),
        "cold_start": pick((None, None, True, False)),
        "trigger": pick((None, None, None, "http", "pubsub", "timer")),
        "destination": pick((None, "orders", "mails", "orders-dlq")),
        "message_id": pick((*(None,) * 12, *_IDS)),
        "correlation_id": pick((*(None,) * 6, *_VALUES)),
        "keys": pick((*(None,) * 8, [pick(_KEYS)], [pick(_KEYS), pick(_KEYS)])),
    }


def _link(random: Random, span: dict[str, Any]) -> dict[str, Any]:
    return {
        "span_id": span["span_id"],
        "start_ns": span["start_ns"],
        "linked_trace_id": random.randint(1, 3).to_bytes(16, "big"),
        "linked_span_id": random.randint(1, 6),
        "message_id": random.choice((None, None, *_IDS)),
    }


def _log(random: Random) -> dict[str, Any]:
    return {
        "time_ns": T0_NS + random.randint(0, 20),
        "span_id": random.choice((None, 1, 7)),
        "function": random.choice(_FUNCTIONS),
        "invocation_id": random.choice((None, *_IDS)),
        "correlation_id": random.choice((None, None, *_VALUES)),
        "keys": random.choice((None, None, [random.choice(_KEYS)])),
    }
