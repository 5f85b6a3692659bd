"""The deny-list: what it holds by default, what hides behind other spellings, what it refuses."""

from ipaddress import IPv6Address

import pytest

from collector.alerts.addresses import DenyList, resolve
from collector.errors import RefusedTarget, SettingsError
from collector.settings import DENIED


def allowed(host: str, *addresses: str, denied: tuple[str, ...] = DENIED) -> list[str]:
    return DenyList(denied, lambda host, port: addresses or (host,)).addresses(host, 80)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "fe80::1",
        "fd00:ec2::254",
        "0.0.0.0",
        "::",
        "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b::a9fe:a9fe",
        "::169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
    ],
)
def test_addresses_of_metadata_services_are_denied(host: str) -> None:
    """In every spelling an IPv4 address has within IPv6."""
    with pytest.raises(RefusedTarget, match="denied network"):
        allowed(host)


@pytest.mark.parametrize(
    "host", ["metadata.google.internal", "METADATA.google.internal.", "metadata"]
)
def test_names_of_metadata_services_are_denied(host: str) -> None:
    """Before any address is asked for."""
    with pytest.raises(RefusedTarget, match="is on the deny-list"):
        allowed(host, "203.0.113.7")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.0.0.7", "203.0.113.7", "2001:db8::1"])
def test_other_addresses_are_allowed(host: str) -> None:
    """Loopback too: relays on this machine are common."""
    assert allowed(host) == [host]


def test_loopback_may_be_denied() -> None:
    """Also as a number, and through the address that stands for all of this machine."""
    for host in ("127.0.0.1", "2130706433"):
        with pytest.raises(RefusedTarget, match=r"127\.0\.0\.0/8"):
            DenyList(("127.0.0.0/8", "::1/128")).addresses(host, 80)


def test_one_denied_address_is_enough() -> None:
    """Which of them a connection would use is not for the name to choose."""
    with pytest.raises(RefusedTarget, match=r"two\.example \(169\.254\.1\.1\)"):
        allowed("two.example", "203.0.113.7", "169.254.1.1")


def test_a_name_without_address_is_no_refusal() -> None:
    """It is tried again later."""
    with pytest.raises(OSError, match="has no address"):
        DenyList((), lambda host, port: ()).addresses("nowhere.example", 80)


@pytest.mark.parametrize("entry", ["10.0.0.0/40", "", "two words", "10.1.2.3/8"])
def test_an_entry_that_is_no_network_stops_the_start(entry: str) -> None:
    """With what to write."""
    with pytest.raises(SettingsError, match=r"write 10\.0\.0\.0/8, an address or a host name"):
        DenyList([entry])


def test_the_system_is_asked_for_addresses() -> None:
    """Literals are their own."""
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]
    assert IPv6Address(resolve("::1", 80)[0]).is_loopback
