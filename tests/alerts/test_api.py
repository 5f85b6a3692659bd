"""The JSON API of rules and alerts, on a collector of its own."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.build import export_request, span
from tests.web.serving import Web

RULE = {
    "name": "Failing orders", "metric": "error_rate", "scope": {"function": "nobody"},
    "comparison": ">", "threshold": 0.05, "window": "5m", "for": "0s", "severity": "critical",
    "owner": "team-orders", "targets": [], "no_data": "ok",
}  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector that evaluates twice a second, with one rule of a file."""
    of_file = {"name": "From a file", "metric": "timeouts", "scope": {"function": "*"}}
    serving = Web(
        tmp_path_factory.mktemp("alerts"),
        alerts={"evaluate_every_s": 0.5, "delay_s": 0, "rules": [of_file]},
    )
    yield serving
    serving.stop()


def make(web: Web, **said: Any) -> Any:
    answer = web.client.post("/api/v1/alerts/rules", json=RULE | said)
    assert answer.status_code == 201, answer.text
    return answer.json()


def firing(web: Web, rule_id: str) -> list[Any]:
    found = web.get("/alerts", state="firing")["alerts"]
    return [each for each in found if each["rule_id"] == rule_id]


def test_a_rule_made_over_the_api_fires(web: Web) -> None:
    """Made, broken by telemetry, listed as firing, kept in the history."""
    made = make(web, name="It fires", scope={"function": "orders"})
    now_ns = time.time_ns()
    said = {"faas.invocation_id": "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"}
    web.send(export_request(span(start_ns=now_ns - 10**9, error="boom", attributes=said)))
    until = time.monotonic() + 60
    while not (found := firing(web, made["id"])):
        assert time.monotonic() < until
        time.sleep(0.1)
    [alert] = found
    [change] = web.get("/alerts/history", rule_id=made["id"])["changes"]

    assert (alert["name"], alert["group"], alert["value"], alert["unit"]) == (
        "It fires", "orders", 1.0, "ratio",
    )  # fmt: skip
    assert (change["state"], change["summary"]) == ("firing", alert["summary"])


def test_a_rule_reads_back_as_it_was_made(web: Web) -> None:
    """With its id, its unit, and what it left out."""
    made = make(web, name="Read back")

    assert made == web.get(f"/alerts/rules/{made['id']}")
    assert {key: made[key] for key in RULE} == RULE | {"name": "Read back"}
    assert (made["unit"], made["source"], made["read_only"]) == ("ratio", "stored", False)


def test_a_rule_is_changed_and_deleted(web: Web) -> None:
    """PUT replaces it whole; after DELETE it is gone."""
    path = f"/api/v1/alerts/rules/{make(web, name='To change')['id']}"
    changed = web.client.put(path, json=RULE | {"name": "Changed", "threshold": 0.2})

    assert (changed.status_code, changed.json()["threshold"]) == (200, 0.2)
    assert web.client.delete(path).status_code == 204
    assert web.client.get(path).status_code == 404
    assert web.client.delete(path).status_code == 404


def test_a_rule_of_a_file_is_read_only(web: Web) -> None:
    """It is listed, and says where to change it."""
    rules = web.get("/alerts/rules")["rules"]
    [found] = [each for each in rules if each["name"] == "From a file"]
    refused = web.client.put(f"/api/v1/alerts/rules/{found['id']}", json=RULE)

    assert (found["source"], found["read_only"]) == ("file", True)
    assert refused.status_code == 409
    assert "kept in a file" in refused.json()["detail"]


def test_what_is_wrong_with_a_rule_is_said_all_at_once(web: Web) -> None:
    """Each fault is a line with its remedy."""
    wrong = RULE | {"metric": "eror_rate", "comparison": "=", "window": "5 minutes", "color": "red"}
    refused = web.client.post("/api/v1/alerts/rules", json=wrong)

    assert refused.status_code == 400
    lines = refused.json()["detail"].splitlines()
    assert len(lines) == 4
    assert any("did you mean error_rate?" in line for line in lines)


def test_a_name_is_taken_once(web: Web) -> None:
    """Two rules of one name could not be told apart in a message."""
    make(web, name="Once")

    assert web.client.post("/api/v1/alerts/rules", json=RULE | {"name": "Once"}).status_code == 400


def test_rules_go_out_as_toml_and_come_back(web: Web) -> None:
    """What is exported can be imported; what is there already stays as it is."""
    make(web, name='Quoted "name" \\ with ä')
    text = web.client.get("/api/v1/alerts/rules/export").text
    again = web.client.post("/api/v1/alerts/rules/import", json={"toml": text})
    new = text.replace("Quoted", "Imported")
    imported = web.client.post("/api/v1/alerts/rules/import", json={"toml": new})

    assert again.json()["rules"] == []
    [made] = imported.json()["rules"]
    assert made["name"] == 'Imported "name" \\ with ä'
    assert made["threshold"] == RULE["threshold"]


def test_the_metrics_are_listed_with_their_defaults(web: Web) -> None:
    """A form needs no more than that."""
    found = {each["metric"]: each for each in web.get("/alerts/metrics")["metrics"]}

    assert found["dlq_age_s"]["needs_owner"]
    assert found["cold_start_rate"]["scope"] == ["function", "provider"]


def test_a_preview_stores_nothing(web: Web) -> None:
    """It says what the rule would have done, under the name of none."""
    document = {"metric": "invocations", "threshold": 0, "window": "1m"}
    answer = web.client.post("/api/v1/alerts/rules/preview?since=-10m&steps=2", json=document)
    names = {each["name"] for each in web.get("/alerts/rules")["rules"]}

    assert answer.status_code == 200
    assert answer.json()["step_s"] == pytest.approx(300, abs=1)
    assert answer.json()["rule"]["threshold"] == 0
    assert "preview" not in names


def test_a_preview_of_a_wrong_rule_says_what_is_wrong(web: Web) -> None:
    """As making it would."""
    answer = web.client.post("/api/v1/alerts/rules/preview", json={"metric": "weather"})

    assert answer.status_code == 400
    assert "metric 'weather' is not known" in answer.json()["detail"]


def test_an_objective_is_made_changed_and_deleted(web: Web) -> None:
    """With how it is met; nothing was, so nothing is known."""
    document = {"name": "Up", "kind": "availability", "scope": {"function": "nobody"}}
    made = web.client.post("/api/v1/alerts/slos", json=document)
    path = f"/api/v1/alerts/slos/{made.json()['id']}"
    changed = web.client.put(path, json=document | {"objective": 0.9})

    assert made.status_code == 201
    assert (made.json()["total"], made.json()["budget_left"]) == (0, None)
    assert changed.json()["objective"] == 0.9
    assert [each["name"] for each in web.get("/alerts/slos")["slos"]] == ["Up"]
    assert web.client.delete(path).status_code == 204
    assert web.client.get(path).status_code == 404
    assert web.client.put(path, json=document).status_code == 404


def test_the_starter_set_is_one_call(web: Web) -> None:
    """A second one makes nothing."""
    first = web.client.post("/api/v1/alerts/starter", json={"owner": "team-a"})
    second = web.client.post("/api/v1/alerts/starter")

    assert {each["owner"] for each in first.json()["rules"]} == {"team-a"}
    assert second.json() == {"rules": []}


def test_the_scorecard_is_told(web: Web) -> None:
    """Lists of functions and of flows, each with four gates."""
    card = web.get("/scorecard")

    assert card.keys() == {"functions", "flows"}
    for row in (*card["functions"], *card["flows"]):
        assert [gate["gate"] for gate in row["gates"]] == [
            "reliability", "latency", "cost", "operability",
        ]  # fmt: skip
