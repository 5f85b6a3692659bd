"""The JSON API of targets, silences and the delivery log, on a collector of its own."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.alerts.hooks import SECRET, Hooks
from tests.build import export_request, resource, span
from tests.web.serving import Web

API = "/api/v1/alerts"
SLACK = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
RULE = {"metric": "error_rate", "threshold": 0.05, "window": "5m", "for": "0s"}


@pytest.fixture(scope="module")
def hooks() -> Iterator[Hooks]:
    with Hooks() as listening:
        yield listening


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector with one target in its settings."""
    fixed = {"name": "fixed", "url": "https://hooks.example.com/s3cret", "secret": SECRET}
    serving = Web(
        tmp_path_factory.mktemp("delivery"),
        alerts={"evaluate_every_s": 0.5, "delay_s": 0, "group_wait_s": 0, "targets": [fixed]},
    )
    yield serving
    serving.stop()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names have the addresses a test gives them; nobody else is asked."""
    real = socket.getaddrinfo
    known = {"hooks.example.com": "203.0.113.7", "cloud.example.com": "169.254.169.254"}

    def lookup(host: str, *args: Any, **more: Any) -> Any:
        if host.replace(".", "").isdecimal():
            return real(host, *args, **more)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(known[host], *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def post(web: Web, path: str, **said: Any) -> tuple[int, Any]:
    answer = web.client.post(f"{API}{path}", json=said)
    return answer.status_code, answer.json()


def test_a_rule_that_breaks_reaches_its_webhook(web: Web, hooks: Hooks) -> None:
    """From telemetry to a signed message, all through the product's own doors."""
    post(web, "/targets", name="story", url=hooks.url, secret=SECRET)
    status, rule = post(
        web, "/rules", name="Story", scope={"function": "story-fn"}, targets=["story"], **RULE
    )
    assert status == 201, rule
    said = {"faas.invocation_id": "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"}
    web.send(
        export_request(
            span(start_ns=time.time_ns() - 10**9, error="boom", attributes=said),
            resource=resource(service__name="story-fn", faas__name="story-fn"),
        )
    )
    until = time.monotonic() + 60
    while not (found := [each for each in hooks.taken if each.json["rule"]]):
        assert time.monotonic() < until
        time.sleep(0.05)
    while not web.get("/alerts/deliveries", target="story", state="sent")["deliveries"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    (row,) = web.get("/alerts/deliveries", rule="Story")["deliveries"]

    assert found[0].signed_by(SECRET)
    assert (found[0].json["status"], found[0].json["rule"]["id"]) == ("firing", rule["id"])
    assert (row["dedup_key"], row["state"], row["status"]) == (found[0].key, "sent", 200)


def test_a_target_is_never_shown_again(web: Web) -> None:
    """Neither in the answer to saving it, nor in any list: just enough to tell it from others."""
    status, made = post(
        web,
        "/targets",
        name="hidden",
        url="https://us3r:passw0rd@hooks.example.com:8443/T0KEN?key=s3cret",
        secret=SECRET,
        headers={"X-Token": "h3ader"},
    )
    chat = post(web, "/targets", name="chat", url="json://us3r:passw0rd@127.0.0.1:1/T0KEN")[1]
    text = json.dumps([made, chat, web.get("/alerts/targets"), web.get("/alerts/deliveries")])

    assert status == 201
    assert (made["url"], made["signed"], made["headers"]) == (
        "https://hooks.example.com:8443/…",
        True,
        ["X-Token"],
    )
    assert (chat["url"], chat["kind"]) == ("json://…", "apprise")
    for secret in ("us3r", "passw0rd", "T0KEN", "s3cret", "h3ader", SECRET):
        assert secret not in text


def test_a_target_keeps_what_a_change_leaves_out(web: Web, hooks: Hooks) -> None:
    """What is never shown stays, and an empty one is taken away; the rest is put in place."""
    post(web, "/targets", name="kept", url=hooks.url, secret=SECRET)
    changed = web.client.put(f"{API}/targets/kept", json={"repeat_hours": 1}).json()
    assert (changed["signed"], changed["repeat_hours"]) == (True, 1.0)
    key = post(web, "/targets/kept/test")[1]["dedup_key"]
    (taken,) = [each for each in hooks.taken if each.key == key]
    unsigned = web.client.put(f"{API}/targets/kept", json={"secret": ""}).json()

    assert taken.signed_by(SECRET)
    assert (unsigned["signed"], unsigned["repeat_hours"]) == (False, None)


def test_another_url_does_not_get_the_headers_of_the_one_before(web: Web, hooks: Hooks) -> None:
    """Who may change a target could have what is hidden sent to themselves."""
    hidden = {"Authorization": "Bearer s3cret"}
    post(web, "/targets", name="moved", url="https://hooks.example.com/x", headers=hidden)
    refused = web.client.put(f"{API}/targets/moved", json={"url": hooks.url})
    moved = web.client.put(f"{API}/targets/moved", json={"url": hooks.url, "headers": {}})
    key = post(web, "/targets/moved/test")[1]["dedup_key"]
    (taken,) = [each for each in hooks.taken if each.key == key]

    assert (refused.status_code, "give them again" in refused.json()["detail"]) == (400, True)
    assert (moved.status_code, moved.json()["headers"]) == (200, [])
    assert "authorization" not in taken.headers


def test_the_test_button_says_what_happened(web: Web, hooks: Hooks) -> None:
    """Marked as a test where it arrives; logged, also when it does not."""
    post(web, "/targets", name="good", url=hooks.url)
    post(web, "/targets", name="dead", url="http://127.0.0.1:1/T0KEN")
    status, good = post(web, "/targets/good/test")
    dead = post(web, "/targets/dead/test")[1]
    (taken,) = [each for each in hooks.taken if each.key == good["dedup_key"]]
    logged = web.get("/alerts/deliveries", target="dead")["deliveries"]

    assert (status, good["ok"], good["status"], good["error"]) == (200, True, 200, None)
    assert (taken.json["status"], taken.json["title"]) == ("test", "Lockstitch: a test message")
    assert (dead["ok"], dead["status"]) == (False, None)
    assert dead["error"] == "no connection: Connection refused"
    assert [(row["reason"], row["state"]) for row in logged] == [("test", "given_up")]


def test_targets_of_the_settings_are_read_only(web: Web) -> None:
    """They are listed, masked, and changed where they stand."""
    listed = {each["name"]: each for each in web.get("/alerts/targets")["targets"]}
    answers = [
        web.client.put(f"{API}/targets/fixed", json={"repeat_hours": 1}),
        web.client.delete(f"{API}/targets/fixed"),
        web.client.post(f"{API}/targets", json={"name": "fixed", "url": "https://example.com/"}),
    ]

    assert listed["fixed"]["source"] == "config"
    assert listed["fixed"]["url"] == "https://hooks.example.com/…"
    assert [answer.status_code for answer in answers] == [409] * 3
    assert "stands in the config file" in answers[0].json()["detail"]


def test_a_target_that_rules_send_to_stays(web: Web, hooks: Hooks) -> None:
    """The answer names them; without them it goes."""
    post(web, "/targets", name="used", url=hooks.url)
    rule = post(web, "/rules", name="Uses it", scope={"function": "x"}, targets=["used"], **RULE)[1]
    refused = web.client.delete(f"{API}/targets/used")
    web.client.delete(f"{API}/rules/{rule['id']}")

    assert (refused.status_code, "Uses it" in refused.json()["detail"]) == (409, True)
    assert web.client.delete(f"{API}/targets/used").status_code == 204
    assert web.client.delete(f"{API}/targets/used").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "x"}, "url: give a webhook's https://"),
        ({"name": "a/b", "url": "https://example.com/"}, "name: give 1 to 64 letters"),
        ({"url": "https://example.com/"}, "name: give 1 to 64 letters"),
        ({"name": "x", "url": "https://"}, "url: a webhook's begins with https://"),
        ({"name": "x", "url": "http://127.0.0.1:99999/"}, "url: a port is a number"),
        ({"name": "x", "url": "nosuch://t0ken"}, "url: apprise cannot read it (nosuch)"),
        ({"name": "x", "url": "ftp://h/", "kind": "webhook"}, "url: a webhook's begins with"),
        ({"name": "x", "url": "http://h/", "kind": "pigeon"}, "kind: Input should be 'webhook'"),
        ({"name": "x", "url": "http://169.254.169.254/"}, "denied network 169.254.0.0/16"),
        (
            {"name": "x", "url": "https://cloud.example.com/"},
            "cloud.example.com (169.254.169.254) is in the denied network",
        ),
        (
            {"name": "x", "kind": "webhook", "url": f"https://hooks.slack.com/services/{SLACK}"},
            'an address of Slack, which takes no JSON but its own: give kind "apprise"',
        ),
        ({"name": "x", "url": "http://metadata/"}, "is on the deny-list"),
        ({"name": "x", "url": "json://169.254.169.254/"}, "denied network"),
        ({"name": "x", "url": "http://127.0.0.1/", "secret": "t0ken"}, "secret: give at least 16"),
        ({"name": "x", "url": "json://127.0.0.1", "secret": SECRET}, "secret and headers are for"),
        (
            {"name": "x", "url": "http://127.0.0.1/", "headers": {"Host": "t0ken"}},
            "headers: Host is set by the collector",
        ),
        (
            {"name": "x", "url": "http://127.0.0.1/", "headers": {"X": "t0ken\r\nY: z"}},
            "headers: the value of X must be printable",
        ),
        ({"name": "x", "url": "http://127.0.0.1/", "repeat_hours": -1}, "repeat_hours: Input"),
    ],
)
def test_a_target_that_cannot_work_says_what_to_change(
    web: Web, fields: dict[str, Any], said: str
) -> None:
    """A sentence about the field, which does not repeat what was given."""
    answer = web.client.post(f"{API}/targets", json=fields)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert "t0ken" not in answer.text


def test_a_name_without_address_is_saved_with_a_warning(web: Web) -> None:
    """It may be back tomorrow."""
    status, made = post(web, "/targets", name="absent", url="https://absent.example.com/x")
    too_long = post(web, "/targets", name="long", url=f"https://{'a' * 64}.example.com/x")

    assert (status, made["warning"][:27]) == (201, "its host has no address now")
    assert too_long[0] == 201


def test_an_address_of_a_known_service_goes_through_apprise(web: Web) -> None:
    """Pasted as Slack gives it, without a word about its kind."""
    url = f"https://hooks.slack.com/services/{SLACK}"
    made = post(web, "/targets", name="slack", url=url)[1]

    assert (made["kind"], made["url"]) == ("apprise", "https://hooks.slack.com/…")


def test_silences_are_made_listed_and_ended(web: Web) -> None:
    """An ended one is kept."""
    status, made = post(
        web, "/silences", **{"group": "orders-*", "for": "2h", "reason": "r", "author": "ada"}
    )
    refused = post(web, "/silences", group="orders-*", reason="r", author="ada")
    current = [each["id"] for each in web.get("/alerts/silences")["silences"]]
    deleted = web.client.delete(f"{API}/silences/{made['id']}").status_code
    after = {
        each["id"]: each["state"] for each in web.get("/alerts/silences", state="all")["silences"]
    }

    assert (status, made["state"]) == (201, "active")
    assert (refused[0], "needs an end" in refused[1]["detail"]) == (400, True)
    assert (made["id"] in current, deleted, after[made["id"]]) == (True, 204, "ended")
    assert web.client.delete(f"{API}/silences/{made['id']}").status_code == 404


def test_deliveries_are_counted_in_metrics(web: Web, hooks: Hooks) -> None:
    """Attempts by target and outcome."""
    post(web, "/targets", name="counted", url=hooks.url)
    post(web, "/targets/counted/test")
    lines = web.client.get("/metrics").text.splitlines()

    assert 'lockstitch_alert_messages_total{outcome="sent",target="counted"} 1.0' in lines
    assert "lockstitch_deliverer_healthy 1.0" in lines
