"""The pages of alerts over a real store: what fires, what watches, and what is refused."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import build
from tests.build import export_request, span
from tests.web.serving import Web

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> *[a] ' + "long-" * 40
MOST_BYTES = 150_000
SECRET = "a secret that no page may show"
FILE_RULE = {"name": "Of a file", "metric": "throttles", "scope": {"function": "none"}}
PAGES = (
    "/alerts", "/alerts/rules", "/alerts/rules/new", "/alerts/slos", "/alerts/slos/new",
    "/alerts/scorecard", "/alerts/scorecard?of=flows", "/alerts/targets", "/alerts/silences",
)  # fmt: skip


def failing(function: str, count: int = 6) -> Any:
    """Invocations of a minute ago that failed."""
    at_ns = time.time_ns() - 60 * 10**9
    spans = [
        span(
            "charge", trace_id=build.span_id() + build.span_id(), start_ns=at_ns + each,
            attributes={"faas.invocation_id": f"{at_ns}-{each}"}, error="CardDeclined",
        )
        for each in range(count)
    ]  # fmt: skip
    named = {"service.name": function, "faas.name": function}
    return export_request(*spans, resource=build.resource(**named))


def until(true: Callable[[], Any]) -> Any:
    """What becomes true, of an engine that evaluates by itself."""
    deadline = time.monotonic() + 60
    while not (value := true()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def token(web: Web) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', web.client.get("/alerts").text)
    assert found
    return found[1]


def post(web: Web, path: str, **fields: Any) -> Any:
    return web.client.post(path, data={"csrf_token": token(web)} | fields)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Two functions fail, one of them with a hostile name, and a rule fires on both."""
    alerts = {"evaluate_every_s": 0.2, "delay_s": 0, "rules": [FILE_RULE]}
    running = Web(tmp_path_factory.mktemp("alerts"), alerts=alerts)
    running.send(failing("payment"), failing(HOSTILE))
    rule = {"name": HOSTILE[:190], "metric": "errors", "scope": {"function": "*"}, "note": HOSTILE}
    running.service.rules.add(rule | {"severity": "critical", "owner": HOSTILE[:150]})
    until(lambda: running.service.alerts.firing == 2)
    yield running
    running.stop()


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_alerts_show_hostile_names_as_text(web: Web, path: str) -> None:
    """Nothing of them becomes markup, within the size of a page."""
    answer = web.client.get(path)

    assert answer.status_code == 200
    assert len(answer.content) <= MOST_BYTES
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


def test_alerts_lead_to_what_caused_them(web: Web) -> None:
    """The function's page, its failed event traces, and a file that proves it."""
    text = web.client.get("/alerts").text

    assert "2 firing" in text
    assert re.search(r'href="/events\?function=payment&amp;status=error&amp;since=', text)
    assert 'href="/functions/payment"' in text
    [*links] = re.findall(r'href="(/alerts/evidence/[0-9a-f-]+)"', text)
    file = web.client.get(links[0])
    assert file.status_code == 200
    assert "attachment" in file.headers["content-disposition"]
    assert '<svg class="evidence"' in file.text
    assert "charge" in file.text
    assert "<script" not in file.text


def test_every_page_counts_what_fires(web: Web) -> None:
    """In the navigation, without a question of its own."""
    for path in ("/", "/events", "/functions", "/status"):
        assert re.search(r'class="count"[^>]*>2<', web.client.get(path).text), path


def test_a_functions_page_shows_its_alerts(web: Web) -> None:
    """Not those of another; its chart is shaded where they fired."""
    text = web.client.get("/functions/payment").text

    assert text.count('alert-of"') == 1
    assert '"fillcolor": "var(--bad)"' in text
    assert "Set an alert" in text


def test_the_overview_says_when_a_tile_alerts(web: Web) -> None:
    """Beside the figure that the rule watches."""
    assert "alerts above 0" in web.client.get("/").text


def test_rules_of_files_are_marked_and_read_only(web: Web) -> None:
    """They are changed where they are kept."""
    [rule] = [each for each in web.get("/alerts/rules")["rules"] if each["read_only"]]
    text = web.client.get("/alerts/rules").text

    assert 'title="Kept in a file: change it there and start again"' in text
    assert f"{rule['id']}/switch" not in text
    assert "disabled" in web.client.get(f"/alerts/rules/{rule['id']}").text
    assert post(web, f"/alerts/rules/{rule['id']}", was="throttles").status_code == 409


def test_a_rule_is_made_switched_and_deleted(web: Web) -> None:
    """By forms alone; what is not ticked is off."""
    made = post(web, "/alerts/rules/new", was="error_rate", metric="error_rate", of="shop-*",
                threshold="12.5")  # fmt: skip
    assert made.status_code == 303
    rule_id = made.headers["location"].partition("#rule-")[2]
    rule = web.get(f"/alerts/rules/{rule_id}")
    assert (rule["threshold"], rule["scope"]) == (0.125, {"function": "shop-*"})
    assert rule["name"] == "Error rate of shop-* above 12.5 %"

    post(web, f"/alerts/rules/{rule_id}/switch", to="off")
    assert web.get(f"/alerts/rules/{rule_id}")["enabled"] is False
    post(web, f"/alerts/rules/{rule_id}/delete")
    assert web.client.get(f"/alerts/rules/{rule_id}").status_code == 404


def test_a_wrong_rule_is_refused_beside_its_fields(web: Web) -> None:
    """With all that was typed still there."""
    answer = post(web, "/alerts/rules/new", was="errors", metric="errors", window="soon",
                  note="kept as typed")  # fmt: skip

    assert answer.status_code == 400
    assert re.search(r'id="fault-window"[^>]*>.*soon', answer.text)
    assert "kept as typed" in answer.text


def test_the_preview_puts_messages_beside_fields_and_no_token_into_its_address(web: Web) -> None:
    """An address is copied and sent; what may change things must not be in it."""
    block = {"hx-request": "true", "hx-target": "preview"}
    answer = web.client.get("/alerts/rules/new?was=errors&metric=errors&window=1", headers=block)
    form = re.search(r'<form class="editor".*?</form>', web.client.get("/alerts/rules/new").text,
                     re.DOTALL)  # fmt: skip

    assert 'id="fault-window" hx-swap-oob="true"' in answer.text
    assert answer.headers["hx-replace-url"].startswith("/alerts/rules/new?was=errors")
    assert form
    assert not re.search(r"<input[^>]*csrf_token", form[0])


def test_changes_need_the_token_of_the_session(web: Web) -> None:
    """Every form that changes something is refused without."""
    for path in (
        "/alerts/rules/new", "/alerts/rules/starter", "/alerts/rules/import",
        "/alerts/rules/x/switch", "/alerts/rules/x/delete", "/alerts/slos/new",
        "/alerts/targets", "/alerts/targets/x/test", "/alerts/silences", "/alerts/silences/x/end",
    ):  # fmt: skip
        assert web.client.post(path, data={"name": "x"}).status_code == 403, path


def test_rules_come_back_from_their_export(web: Web) -> None:
    """None is made twice; a text that is wrong makes none, and says why."""
    exported = web.client.get("/alerts/rules/export")
    assert exported.headers["content-type"].startswith("application/toml")
    before = len(web.get("/alerts/rules")["rules"])

    again = post(web, "/alerts/rules/import", toml=exported.text)
    assert again.headers["location"] == "/alerts/rules?made=0"
    wrong = post(web, "/alerts/rules/import", toml="[[rules]]\nname = new")
    assert wrong.status_code == 400
    assert "is not TOML" in wrong.text
    assert len(web.get("/alerts/rules")["rules"]) == before


def test_an_alert_is_silenced_by_its_button(web: Web) -> None:
    """It alone, however hostile its name; it still shows, and by whom it is kept quiet."""
    [alert] = [each for each in web.get("/alerts")["alerts"] if each["group"] == HOSTILE]
    sent = {"rule": alert["rule_id"], "exact_group": HOSTILE, "for": "1h", "back": "/alerts"}
    assert post(web, "/alerts/silences", **sent).status_code == 400

    answer = post(web, "/alerts/silences", reason="Known", author="ada", **sent)

    assert answer.headers["location"] == "/alerts"
    assert web.client.get("/alerts").text.count("silenced by") == 1
    [silence] = web.get("/alerts/silences")["silences"]
    assert "Known" in web.client.get("/alerts/silences").text
    post(web, f"/alerts/silences/{silence['id']}/end")
    assert "silenced by" not in web.client.get("/alerts").text


def test_secrets_of_a_target_are_never_shown_again(web: Web) -> None:
    """Not on its page, not when it is refused, not in the log; they stay when it is changed."""
    url = "http://127.0.0.1:9/hooks/T0KEN"
    refused = post(web, "/alerts/targets", name="!", url=url, secret=SECRET)
    assert refused.status_code == 400
    assert 'id="fault-name"' in refused.text

    post(web, "/alerts/targets", name="on-call", url=url, secret=SECRET, headers="X-Key: K3Y")
    post(web, "/alerts/targets/on-call", repeat_hours="2", send_resolved="yes")
    tested = post(web, "/alerts/targets/on-call/test")

    assert "did not arrive" in tested.text
    kept = web.service.delivery.targets.get("on-call")
    assert kept
    assert kept.settings.secret
    assert kept.settings.repeat_hours == 2
    shown = web.client.get("/alerts/targets/on-call").text + web.client.get("/alerts/targets").text
    for secret in (SECRET, "T0KEN", "K3Y"):
        assert secret not in refused.text + tested.text + shown


def test_an_objective_is_made_and_met(web: Web) -> None:
    """Its page has what was met and what is left; its editor tells it beforehand."""
    block = {"hx-request": "true", "hx-target": "preview"}
    asked = "drawn=1&kind=availability&of=payment&objective=90"
    seen = web.client.get(f"/alerts/slos/new?{asked}", headers=block).text
    assert "overdrawn by" in seen

    made = post(
        web,
        "/alerts/slos/new",
        drawn="1",
        kind="availability",
        of="payment",
        objective="90",
        enabled="yes",
    )
    assert made.status_code == 303
    text = web.client.get("/alerts/slos").text
    assert "payment: 90 % do not fail, over 30 d" in text
    [slo] = web.get("/alerts/slos")["slos"]
    assert slo["enabled"] is True
    post(web, f"/alerts/slos/{slo['id']}", drawn="1")  # a box that is not ticked is not sent
    assert web.get("/alerts/slos")["slos"][0]["enabled"] is False
    wrong = post(web, f"/alerts/slos/{slo['id']}", drawn="1", objective="100")
    assert re.search(r'id="fault-objective"[^>]*>.*leaves no budget', wrong.text)
    assert post(web, f"/alerts/slos/{slo['id']}/delete").status_code == 303


def test_the_scorecard_tells_verdict_figure_and_remedy(web: Web) -> None:
    """In text, not on hover alone."""
    text = web.client.get("/alerts/scorecard").text

    assert "payment" in text
    for gate in ("Reliability", "Latency", "Cost", "Operability"):
        assert gate in text
    assert 'class="hint remedy"' in text


def test_many_alerts_fit_their_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One cause that fires on a hundred functions of ordinary names."""
    alerts = {"evaluate_every_s": 0.2, "delay_s": 0}
    web = Web(tmp_path_factory.mktemp("firing"), alerts=alerts)
    try:
        named = [f"orders-fulfilment-production-handler-{number:03}" for number in range(100)]
        web.send(*(failing(name, 1) for name in named))
        web.service.rules.add({"name": "Errors", "metric": "errors", "scope": {"function": "*"}})
        until(lambda: web.service.alerts.firing == 100)

        answer = web.client.get("/alerts")

        assert "100 firing" in answer.text
        assert "80 more are not listed" in answer.text
        assert len(answer.content) <= MOST_BYTES
    finally:
        web.stop()


def test_five_hundred_rules_fit_their_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A page at a time; the starter set is still one click away."""
    web = Web(tmp_path_factory.mktemp("many"), alerts={"evaluate_every_s": 3600})
    try:
        web.service.rules.add_all(
            [
                {"name": f"{number} {HOSTILE[:150]}", "metric": "errors", "enabled": False,
                 "scope": {"function": HOSTILE[:150]}}
                for number in range(480)
            ]
        )  # fmt: skip
        for path in ("/alerts/rules", "/alerts/rules?page=5", "/alerts/silences", "/alerts"):
            answer = web.client.get(path)
            assert answer.status_code == 200, path
            assert len(answer.content) <= MOST_BYTES, path
        made = post(web, "/alerts/rules/starter", owner="team")
        assert made.headers["location"] == "/alerts/rules?made=11"
    finally:
        web.stop()
