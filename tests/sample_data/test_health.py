"""The recorded stories show as the invocations the recorder noted, attempt by attempt."""

from collections import Counter
from typing import Any

import pytest

from tests.sample_data.captured import expected, recorded
from tests.sample_data.cost_totals import totals
from tests.sample_data.starter_alerts import starter_alerts
from tests.web.serving import Web

ALL = {"since": "2026-11-20T00:00:00Z", "until": "2026-12-01T00:00:00Z"}


def test_costs_add_up_alike_however_they_are_grouped(web: Web) -> None:
    """By function, day, flow shape and event trace, far below a cent apart; parts to the whole."""
    found = totals(web, **ALL)

    assert found["function"] > 0
    assert list(found.values()) == pytest.approx([found["function"]] * len(found), rel=1e-9)


def test_the_starter_set_fires_as_docs_alerts_md_says(web: Web) -> None:
    """On the bursts of cold starts, the timeouts and the dead letter of the recorded stories."""
    fired: dict[str, set[str]] = {}
    for story in recorded():
        until_ns = story.time_range()[1] + 1
        for name, groups in starter_alerts(web, until_ns, minutes=1, steps=1).items():
            fired.setdefault(name, set()).update(groups)

    assert fired == {
        "timeouts": {"ocr", "orders-fulfilment", "payment"},
        "cold starts above 1 %": {
            "inventory", "notify", "notify-owner", "orders-api", "payment", "scan", "upload-api",
        },
        "dead-lettered events": {"upload-api"},
    }  # fmt: skip


def attempts() -> list[dict[str, Any]]:
    """Every attempt the recorder noted."""
    return [each for story in recorded() for each in expected(story)["attempts"]]


def rows(web: Web, columns: str) -> list[tuple[Any, ...]]:
    """Columns of the invocations."""
    return web.service.database.read(
        lambda cursor: cursor.execute(
            f"select {columns} from invocations order by invocation_id, start_ns"
        ).fetchall()
    )


def test_every_attempt_is_one_invocation(web: Web) -> None:
    """By request id and number, whatever of span, START and REPORT arrived."""
    noted = Counter(each["request_id"] for each in attempts())
    found = Counter(row[0] for row in rows(web, "invocation_id"))

    assert found == noted


def test_attempts_are_as_the_recorder_noted(web: Web) -> None:
    """Function, cold or warm, outcome, duration, initialisation and billed duration of each."""
    noted = sorted(
        (
            each["request_id"], each["started_ns"] // 10**6 // 50, each["function"], each["cold"],
            {"success": "ok"}.get(each["status"], each["status"]), each["duration_ms"],
            each["init_ms"], each["billed_ms"],
        )
        for each in attempts()
    )  # fmt: skip
    found = sorted(
        (
            request, start_ns // 10**6 // 50, function, kind == "cold", outcome, duration / 1e6,
            None if init is None else init / 1e6, billed / 1e6,
        )
        for request, start_ns, function, kind, outcome, duration, init, billed in rows(
            web,
            "invocation_id, start_ns, function, init_kind, outcome, duration_ns, init_ns,"
            " billed_ns",
        )
    )  # fmt: skip

    assert [each[2:] for each in found] == [each[2:] for each in noted]


def test_what_was_handed_back_of_batches_is_what_the_recorder_noted(web: Web) -> None:
    """Messages that came again, or were dead letters, though their batch had ended well."""
    noted: Counter[str] = Counter()
    for story in recorded():
        dead = {each["message_id"] for each in expected(story)["dead_letters"]}
        handled: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for attempt in expected(story)["attempts"]:
            for message in attempt["messages"]:
                work = (attempt["function"], message["message_id"])
                handled.setdefault(work, []).append(attempt)
        for (function, message_id), tries in handled.items():
            in_vain = tries if message_id in dead else tries[:-1]
            noted[function] += sum(
                each["status"] == "success" and len(each["messages"]) > 1 for each in in_vain
            )
    answer = web.get("/functions", **ALL)["functions"]
    found = {row["function"]: row["partial_batch_failures"] for row in answer}

    assert noted["ocr"] == 8
    assert found.pop("orders-pricing") == noted["orders-pricing"] == 0
    assert {name: count for name, count in found.items() if count is not None} == {
        "ocr": 8, "index": 0, "orders-worker": 0, "shipping": 0
    }  # fmt: skip


def test_functions_have_the_figures_of_the_recorder(web: Web) -> None:
    """Invocations, cold starts, failures and timeouts of each function; coverage is whole."""
    noted: dict[str, Counter[str]] = {}
    for each in attempts():
        of = noted.setdefault(each["function"], Counter())
        of["invocations"] += 1
        of["cold_starts"] += each["cold"]
        of["errors"] += each["status"] != "success"
        of["timeouts"] += each["status"] == "timeout"
    answer = web.get("/functions", **ALL)["functions"]

    assert {row["function"]: row for row in answer}.keys() == noted.keys()
    for row in answer:
        assert {
            name: row[name] for name in ("invocations", "cold_starts", "errors", "timeouts")
        } == {
            name: noted[row["function"]][name]
            for name in ("invocations", "cold_starts", "errors", "timeouts")
        }
        assert row["cold_start_coverage"] == 1.0
