"""What is shown of a target, and what is struck out of texts about it."""

import pytest

from collector.alerts.secrecy import masked, masked_url, secrets_of
from collector.settings import TargetSettings


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example.com", "https://hooks.example.com"),
        ("https://hooks.example.com/", "https://hooks.example.com/"),
        (
            "https://us3r:passw0rd@hooks.example.com:8443/T0KEN?k=v",
            "https://hooks.example.com:8443/…",
        ),
        ("https://hooks.example.com?key=T0KEN", "https://hooks.example.com…"),
        ("HTTP://h.example/#T0KEN", "http://h.example/"),
        ("slack://TokenA/TokenB", "slack://…"),
        ("T0KEN", "…"),
    ],
)
def test_a_url_shows_where_it_leads_and_nothing_else(url: str, shown: str) -> None:
    """Of a webhook the host; of a service its scheme."""
    assert masked_url(url) == shown


def test_every_part_that_opens_a_target_is_struck_out() -> None:
    """As it was given, and as it is after unquoting."""
    hook = TargetSettings(
        name="h",
        url="https://us3r:pass%20w0rd@hooks.example.com/T0KEN/x?key=s3cret",
        secret="sixteen letters!",
        headers={"X-Key": "h3ader"},
    )
    text = "us3r pass w0rd pass%20w0rd T0KEN s3cret sixteen letters! h3ader at hooks.example.com"
    chat = TargetSettings(name="c", url="slack://TokenA/TokenB?to=T0KEN")

    assert masked(text, secrets_of(hook)) == "… … … … … … … at hooks.example.com"
    assert masked("TokenA, TokenB and T0KEN", secrets_of(chat)) == "…, … and …"


def test_a_text_is_cut_short() -> None:
    """Whatever a service answers."""
    assert len(masked("x" * 10_000, [])) == 500
