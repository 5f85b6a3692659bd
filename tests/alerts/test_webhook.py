"""One webhook at a time, over real sockets: where it goes, how long it may take, what is told."""

import base64
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping

import pytest
import trustme
from pydantic import SecretStr

from collector.alerts.addresses import DenyList, Resolver, resolve
from collector.alerts.messages import test_message as message_of_test
from collector.alerts.webhook import Webhooks, signature, signing_key
from collector.errors import BadTarget
from collector.model.delivery import Attempt
from collector.settings import DENIED, TargetSettings
from tests.alerts.hooks import SECRET, Answer, Hooks
from tests.store.build import until

MESSAGE = message_of_test("key-1", "hook", None)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as listening:
        yield listening


def send(
    url: str,
    *,
    resolver: Resolver = resolve,
    timeout_s: float = 20.0,
    trust: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
) -> Attempt:
    hidden = {name: SecretStr(value) for name, value in (headers or {}).items()}
    target = TargetSettings(name="hook", url=url, secret=SECRET, headers=hidden)
    return Webhooks(DenyList(DENIED, resolver), timeout_s, trust).send(target, MESSAGE)


def test_a_message_that_is_taken(hooks: Hooks) -> None:
    """Status and time taken; headers of the target's own go with it."""
    attempt = send(hooks.url, headers={"Authorization": "Bearer t0p"})
    (taken,) = hooks.taken

    assert (attempt.status, attempt.error) == (200, None)
    assert attempt.latency_ms > 0
    assert taken.path == "/hooks/T0KEN-in-path"
    assert taken.headers["authorization"] == "Bearer t0p"
    assert taken.headers["content-type"] == "application/json"
    assert taken.headers["host"] == f"127.0.0.1:{hooks.port}"
    assert taken.signed_by(SECRET)


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification's libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    assert (
        signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize(
    ("secret", "said"), [("short", "at least 16 bytes"), ("whsec_???", "must be base64")]
)
def test_a_secret_that_protects_nothing_is_refused(secret: str, said: str) -> None:
    """With what to do; the secret is not repeated."""
    with pytest.raises(BadTarget, match=said) as raised:
        signing_key(secret)

    assert secret not in str(raised.value)


def test_a_secret_may_be_plain_text() -> None:
    """Only whsec_ means base64."""
    assert signing_key("sixteen letters!") == b"sixteen letters!"


def test_the_connection_goes_to_the_address_that_was_checked(hooks: Hooks) -> None:
    """A name that changes its mind is asked once: the second answer is never used."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    attempt = send(
        f"http://rebind.example:{hooks.port}/x", resolver=lambda host, port: answers.pop(0)
    )

    assert attempt.status == 200
    assert hooks.taken[0].headers["host"] == f"rebind.example:{hooks.port}"
    assert answers == [["169.254.169.254"]]


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1%eth0", "fd00:ec2::254", "::ffff:169.254.169.254"]
)
def test_a_name_that_leads_to_metadata_is_refused(hooks: Hooks, address: str) -> None:
    """Also where only one of its addresses does; says how to allow it, and is not tried again."""
    url = f"http://innocent.example:{hooks.port}/"
    attempt = send(url, resolver=lambda host, port: ["127.0.0.1", address])

    assert hooks.taken == []
    assert attempt.final
    assert attempt.status is None
    assert "innocent.example" in (attempt.error or "")
    assert "take the entry out of `denied`" in (attempt.error or "")


def test_the_next_address_is_tried_where_one_takes_no_connection(hooks: Hooks) -> None:
    """As for localhost, which is two addresses."""
    attempt = send(
        f"http://two.example:{hooks.port}/", resolver=lambda host, port: ["127.0.0.9", "127.0.0.1"]
    )

    assert attempt.status == 200


def test_certificates_are_checked_for_the_name_and_not_the_address() -> None:
    """The pinned address changes neither SNI nor the name in the certificate."""
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example").configure_cert(served)
    names: list[str | None] = []
    served.sni_callback = lambda _, name, __: names.append(name)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    def local(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with Hooks(served) as hooks:
        url = f"https://hooks.example:{hooks.port}/"
        good = send(url, resolver=local, trust=trust)
        other = send(url.replace("hooks.", "other."), resolver=local, trust=trust)
        stranger = send(url, resolver=local)

    assert (good.status, names[0]) == (200, "hooks.example")
    assert (other.error or "").startswith("no safe connection: Hostname mismatch")
    assert (stranger.error or "").startswith("no safe connection: ")
    assert len(hooks.taken) == 1


def test_a_server_that_does_not_answer_costs_no_more_than_the_limit(hooks: Hooks) -> None:
    """The attempt ends, and says so."""
    released = threading.Event()
    hooks.answers = [Answer(before=lambda: released.wait(20))]
    attempt = send(hooks.url, timeout_s=0.3)
    released.set()

    assert attempt.error == "no answer within 0.3 s"
    assert not attempt.final


def test_a_server_that_answers_a_byte_at_a_time_does_not_hold_on() -> None:
    """The limit is for the whole attempt, not for each byte."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\nx-" + b"a" * 5000:
                    if ended.wait(0.05):
                        return
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        attempt = send(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout_s=0.5)
        took_s = time.monotonic() - began
        ended.set()
        dripping.join()

    assert attempt.error == "no answer within 0.5 s"
    assert took_s < 10


def test_an_endless_answer_is_not_read_to_its_end(hooks: Hooks) -> None:
    """64 KiB are enough to end well."""
    hooks.answers = [Answer(body=b"x" * 50_000_000)]

    assert send(hooks.url).status == 200
    until(lambda: hooks.cut == 1)


@pytest.mark.parametrize(
    ("answer", "final", "wait_s"),
    [
        (Answer(500), False, None),
        (Answer(429, {"Retry-After": "7"}), False, 7.0),
        (Answer(503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), False, 0.0),
        (Answer(503, {"Retry-After": "soon"}), False, None),
        (Answer(404), True, None),
        (Answer(307, {"Location": "http://169.254.169.254/"}), True, None),
    ],
)
def test_what_an_answer_means(
    hooks: Hooks, answer: Answer, final: bool, wait_s: float | None
) -> None:
    """Whether trying again may help, and when the target wants it."""
    hooks.answers = [answer]
    attempt = send(hooks.url)

    assert (attempt.status, attempt.final, attempt.wait_s) == (answer.status, final, wait_s)
    assert f"answered {answer.status}" in (attempt.error or "")


def test_nothing_secret_is_told_or_logged(
    hooks: Hooks, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither taken nor refused nor broken: no path, password, header or signing secret."""
    caplog.set_level(logging.DEBUG)
    key = base64.b64decode(SECRET.removeprefix("whsec_")).decode()
    token = {"X-Token": "s3cret-header"}
    hooks.answers = [Answer(500)]
    urls = (hooks.url, hooks.url, "http://us3r:passw0rd@127.0.0.1:1/T0KEN-in-path?k=s3cret-query")
    told = [repr(send(url, headers=token)) for url in urls]
    text = " ".join((*told, caplog.text, *capfd.readouterr()))

    for secret in ("T0KEN", "passw0rd", "s3cret", SECRET, key):
        assert secret not in text


def test_proxies_of_the_environment_are_not_used(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would connect to an address nobody checked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert send(hooks.url).status == 200
