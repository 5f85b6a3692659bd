"""Targets in the config file: read as they stand, refused at the start, never repeated."""

import threading
from pathlib import Path

import pytest

from collector.alerts.delivery import Senders
from collector.alerts.messages import test_message as message_of_test
from collector.alerts.sending import MOST_AT_ONCE, Sending
from collector.errors import SettingsError
from collector.model.delivery import Attempt
from collector.settings import DENIED, Settings, TargetSettings, load
from web.check import findings

FILE = """
[alerts]
repeat_hours = 1
public_url = "https://lockstitch.example.com/"

[[alerts.targets]]
name = "on-call"
url = "https://hooks.example.com/T0KEN"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
headers = { Authorization = "Bearer s3cret" }

[[alerts.targets]]
name = "chat"
url = "json://us3r:passw0rd@chat.example.com/T0KEN"
"""


def loaded(directory: Path, text: str) -> Settings:
    path = directory / "lockstitch.toml"
    path.write_text(text)
    return load(path)


def test_targets_stand_in_the_config_file(tmp_path: Path) -> None:
    """With their kind by the URL; printing the settings shows no secret."""
    alerts = loaded(tmp_path, FILE).alerts
    Senders(alerts)

    assert [(each.name, each.kind) for each in alerts.targets] == [
        ("on-call", "webhook"),
        ("chat", "apprise"),
    ]
    assert alerts.denied == DENIED
    for secret in ("T0KEN", "s3cret", "passw0rd", "whsec_"):
        assert secret not in repr(alerts)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('secret = ["T0KEN"]', "alerts.targets.0.secret: Input should be a valid string"),
        ('sekret = "T0KEN"', "alerts.targets.0.sekret is not a setting"),
        ('name = "a/b"', "alerts.targets.0.name: String should match"),
    ],
)
def test_a_mistake_in_the_file_is_named_and_not_repeated(
    tmp_path: Path, wrong: str, said: str
) -> None:
    """The message may end up in a log."""
    name = "" if wrong.startswith("name") else 'name = "x"'
    text = f'[[alerts.targets]]\nurl = "https://h.example/T0KEN"\n{name}\n{wrong}\n'
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, text)

    assert said in str(raised.value)
    assert "T0KEN" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FILE.replace('"chat"', '"on-call"'), "'on-call' is there twice"),
        (FILE.replace("whsec_M", "whsec_?"), "alerts.targets, on-call: secret: what follows"),
        (FILE.replace("json://", "nosuch://"), "alerts.targets, chat: url: apprise cannot read"),
        (FILE.replace("repeat_hours", "repeat_days"), "alerts.repeat_days is not a setting"),
        ('[alerts]\ndenied = ["10.0.0.0/99"]\n', "alerts.denied: '10.0.0.0/99' is no network"),
    ],
)
def test_what_cannot_work_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    """And `lockstitch check` says the same."""
    with pytest.raises(SettingsError) as raised:
        Senders(loaded(tmp_path, text).alerts)

    assert said in str(raised.value)
    assert "T0KEN" not in str(raised.value)


def test_check_looks_at_targets(tmp_path: Path) -> None:
    """Before anything is started."""
    good, bad = loaded(tmp_path, FILE), loaded(tmp_path, FILE.replace("whsec_M", "whsec_?"))
    found = [
        next(each for each in findings(settings) if each.what == "alert targets")
        for settings in (good, bad)
    ]

    assert [(each.ok, each.detail[:17]) for each in found] == [
        (True, "2 in the settings"),
        (False, "alerts.targets, o"),
    ]


def test_so_many_messages_go_at_once() -> None:
    """And no more: each is a thread."""
    release = threading.Event()

    def post(*_: object) -> Attempt:
        release.wait(20)
        return Attempt(1.0)

    sending = Sending(post, lambda: None)
    for number in range(MOST_AT_ONCE):
        target = TargetSettings(name=f"t{number}", url="http://127.0.0.1/")
        sending.begin(target, message_of_test("k", target.name, None), [])
    full = sending.free
    release.set()

    assert full == 0
    assert sending.wait_idle(30)
    assert (sending.free, len(sending.done())) == (MOST_AT_ONCE, MOST_AT_ONCE)


def test_a_fault_of_a_sender_is_a_failed_attempt(capfd: pytest.CaptureFixture[str]) -> None:
    """It names the kind of the fault and not its text, which may hold an address."""

    def post(*_: object) -> Attempt:
        raise RuntimeError("https://hooks.example.com/T0KEN")

    sending = Sending(post, lambda: None)
    target = TargetSettings(name="hook", url="http://127.0.0.1/")
    sending.begin(target, message_of_test("k", "hook", None), [])
    assert sending.wait_idle(30)
    (sent,) = sending.done()

    assert sent.attempt.error == "sending broke with RuntimeError; it is tried again"
    assert "T0KEN" not in "".join(capfd.readouterr())
