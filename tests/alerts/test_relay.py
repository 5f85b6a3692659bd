"""Through apprise, for real: its json:// plugin and a web server of this machine."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.alerts.addresses import DenyList, Resolver, resolve
from collector.alerts.messages import test_message as message_of_test
from collector.alerts.relay import Relay
from collector.errors import BadTarget
from collector.model.delivery import Attempt
from collector.settings import DENIED, TargetSettings
from tests.alerts.delivered import Delivered
from tests.alerts.hooks import Answer, Hooks


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as listening:
        yield listening


def target(url: str) -> TargetSettings:
    return TargetSettings(name="chat", kind="apprise", url=url)


def send(url: str, resolver: Resolver = resolve) -> Attempt:
    relay = Relay(DenyList(DENIED, resolver), 20.0)
    return relay.send(target(url), message_of_test("key-1", "chat", None))


def test_an_alert_reaches_a_service_of_apprise(tmp_path: Path, hooks: Hooks) -> None:
    """With a title, a line for each change, and the kind that colours it."""
    chat = target(f"json://127.0.0.1:{hooks.port}/chat")
    with Delivered(tmp_path, targets=(chat,)) as sent:
        sent.change("firing", targets=("chat",))
        sent.change("firing", "orders-worker", targets=("chat",))
        sent.settle()
        (taken,) = hooks.taken

        assert sent.states() == ["sent", "sent"]
        assert taken.json["title"] == "Firing (critical) rule r1: orders-api and 1 more"
        assert "Firing: orders-worker is firing" in taken.json["message"].splitlines()
        assert "Owner: team-orders" in taken.json["message"].splitlines()
        assert taken.json["type"] == "failure"


def test_a_failure_is_told_without_secrets(
    hooks: Hooks, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """What apprise says of it, less every part of the URL."""
    caplog.set_level(logging.DEBUG)
    hooks.answers = [Answer(500)]
    url = f"json://us3r:passw0rd@127.0.0.1:{hooks.port}/T0KEN?+X-Key=s3cret"
    attempt = send(url)
    broken = send(url.replace(str(hooks.port), "1"))
    text = " ".join((repr(attempt), repr(broken), caplog.text, *capfd.readouterr()))

    assert "error=500" in (attempt.error or "")
    assert "Connection error" in (broken.error or "")
    for secret in ("us3r", "passw0rd", "T0KEN", "s3cret"):
        assert secret not in text


def test_a_service_that_does_not_answer_costs_no_more_than_the_limit(hooks: Hooks) -> None:
    """Apprise is told how long it may take, retries of the URL's own included."""
    released = threading.Event()
    hooks.answers = [Answer(before=lambda: released.wait(20))] * 9
    relay = Relay(DenyList(DENIED), 0.3)
    slow = target(f"json://127.0.0.1:{hooks.port}/?retry=5")
    attempt = relay.send(slow, message_of_test("key-1", "chat", None))
    released.set()

    assert attempt.error == "no answer within 0.3 s"


def test_redirects_are_not_followed_even_where_the_url_asks(hooks: Hooks) -> None:
    """What answers may not choose where the alert goes."""
    with Hooks() as other:
        hooks.answers = [Answer(307, {"Location": other.url})]
        attempt = send(f"json://127.0.0.1:{hooks.port}/?redirect=yes")

        assert attempt.error is not None
        assert other.taken == []


@pytest.mark.parametrize(
    "url",
    ["json://169.254.169.254/latest", "mailto://me:pw@example.com?smtp=metadata.google.internal"],
)
def test_the_deny_list_is_asked_here_too(url: str) -> None:
    """For the hosts that a URL names itself."""
    attempt = send(url, lambda host, port: [host] if host[0].isdigit() else ["203.0.113.7"])

    assert attempt.final
    assert "alerts may not go there" in (attempt.error or "")


def test_a_token_is_never_looked_up_as_a_name() -> None:
    """Where a service's URL has no host of the user's, nobody is asked for one."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.7"]

    relay = Relay(DenyList(DENIED, resolver), 5.0)
    for url in (f"sendgrid://SG.abc.def:a@example.com/{'t' * 20}", "json://chat.example.com/x"):
        relay.require_allowed(relay.service(target(url)))

    assert asked == ["chat.example.com"]


@pytest.mark.parametrize("url", ["nosuch://t0ken", "slack://t0ken", "json://", "no url at all"])
def test_a_url_that_apprise_cannot_read_is_refused(url: str) -> None:
    """With what to write, and without what was given."""
    with pytest.raises(BadTarget, match="apprise cannot read it") as raised:
        Relay(DenyList(DENIED), 5.0).service(target(url))

    assert "t0ken" not in str(raised.value)
