"""Where alerts may go: names are resolved and every address is checked before anything is sent.

A sender then connects to the very address that was checked, so a name that changes its mind
between the check and the connection (DNS rebinding) gains nothing.
"""

import socket
from collections.abc import Callable, Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from collector.errors import RefusedTarget, SettingsError

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]
"""Host name and port -> its addresses as text, best first; raises OSError for unknown names."""

# Its last 32 bits are an IPv4 address (RFC 6052).
_NAT64: Final = ip_network("64:ff9b::/96")
_REMEDY: Final = (
    "alerts may not go there, since what answers there is often a cloud's metadata service. "
    "Use another address, or take the entry out of `denied` under [alerts] in the settings"
)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host in the order the system prefers.

    Raises:
        OSError: it has none, or cannot have any.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a part of the name is empty, or longer than 63 characters
        raise OSError(0, "no host can have this name") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class DenyList:
    """Networks and host names that no alert may go to.

    Raises:
        SettingsError: an entry is neither a network, an address nor a host name.
    """

    def __init__(self, entries: Iterable[str], resolver: Resolver = resolve) -> None:
        self._resolver = resolver
        self._networks: list[IPv4Network | IPv6Network] = []
        self._names: set[str] = set()
        for entry in entries:
            self._add(entry.strip())

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses a connection to ``host`` may use, best first.

        Raises:
            RefusedTarget: the name, or any of its addresses, is denied.
            OSError: the name has no address now.
        """
        name = host.rstrip(".").lower()
        if name in self._names:
            raise RefusedTarget(f"{host} is on the deny-list: {_REMEDY}")
        found = [each.partition("%")[0] for each in self._resolver(host, port)]
        for text in found:
            if (network := self._denied(ip_address(text))) is not None:
                said = host if host == text else f"{host} ({text})"
                raise RefusedTarget(f"{said} is in the denied network {network}: {_REMEDY}")
        if not found:
            raise OSError(f"{host} has no address")
        return found

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry))
        except ValueError:
            if not entry or "/" in entry or ":" in entry or " " in entry:
                raise SettingsError(
                    f"alerts.denied: {entry!r} is no network: write 10.0.0.0/8, an address or a "
                    "host name"
                ) from None
            self._names.add(entry.rstrip(".").lower())

    def _denied(self, address: Address) -> IPv4Network | IPv6Network | None:
        """The network an address is denied by, also where it carries another within."""
        for each in _within(address):
            for network in self._networks:
                if each.version == network.version and each in network:
                    return network
        return None


def _within(address: Address) -> list[Address]:
    """An address, and the IPv4 ones it stands for: mapped, 6to4, Teredo, NAT64."""
    found: list[Address] = [address]
    if isinstance(address, IPv6Address):
        teredo = address.teredo or ()
        hidden = (address.ipv4_mapped, address.sixtofour, *teredo)
        found += [each for each in hidden if each is not None]
        if address in _NAT64 or 1 < int(address) < 2**32:  # the two below are no IPv4 address
            found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return found
