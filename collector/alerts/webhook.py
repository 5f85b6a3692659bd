"""Sends one message to one webhook: signed, to a checked address, bounded in time and size.

Signed as Standard Webhooks 1.0.0 says (www.standardwebhooks.com), for which there are libraries in
most languages: ``webhook-id`` is the dedup key, and ``webhook-signature`` is the HMAC-SHA256 over
id, timestamp and body, joined by dots.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
import os
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

import httpx2

from collector.alerts.addresses import DenyList
from collector.alerts.messages import Message
from collector.errors import BadTarget
from collector.model.delivery import Attempt
from collector.settings import TargetSettings

OURS: Final = ("content-type", "content-length", "host", "user-agent", "transfer-encoding")
_KEY_PREFIX: Final = "whsec_"
# An answer is read this far, so that its connection ends well, and thrown away.
_ANSWER_BYTES: Final = 65_536
# Answers after which the same request may be taken: timeouts, too early, too many.
_TRY_AGAIN: Final = (408, 409, 425, 429)
_PORTS: Final = {"http": 80, "https": 443}

# They log addresses, which are secrets here.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def signing_key(secret: str) -> bytes:
    """The bytes that sign: base64 after ``whsec_``, else the text itself.

    Raises:
        BadTarget: what follows ``whsec_`` is not base64, or the key is short enough to guess.
    """
    key = secret.encode()
    if secret.startswith(_KEY_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_KEY_PREFIX), validate=True)
        except binascii.Error:
            raise BadTarget("secret: what follows whsec_ must be base64") from None
    if len(key) < 16:
        raise BadTarget(
            'secret: give at least 16 bytes, such as "whsec_$(openssl rand -base64 32)" prints'
        )
    return key


def signature(secret: str, dedup_key: str, timestamp_s: int, body: bytes) -> str:
    """The value of ``webhook-signature``."""
    signed = f"{dedup_key}.{timestamp_s}.".encode() + body
    digest = hmac.new(signing_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def checked_url(url: str) -> httpx2.URL:
    """A webhook's URL.

    Raises:
        BadTarget: it is none; the text does not repeat it.
    """
    try:
        found = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, ValueError):
        raise BadTarget("url cannot be read: write https://host/path") from None
    if found.scheme not in _PORTS or not found.host or "%" in found.host:
        raise BadTarget("url: a webhook's begins with https:// or http:// and a host name")
    if not 0 < port_of(found) < 65_536:
        raise BadTarget("url: a port is a number from 1 to 65535")
    return found


def port_of(url: httpx2.URL) -> int:
    """The port a URL leads to."""
    return url.port or _PORTS[url.scheme]


class Webhooks:
    """Sends; ``timeout_s`` is for one attempt as a whole, ``trust`` replaces the system's CAs."""

    def __init__(
        self, deny: DenyList, timeout_s: float, trust: ssl.SSLContext | None = None
    ) -> None:
        self._deny = deny
        self._timeout_s = timeout_s
        self._trust = trust

    def send(self, target: TargetSettings, message: Message) -> Attempt:
        """One attempt, in the thread that asks; what went wrong is in the answer, never raised."""
        began = time.monotonic()
        try:
            answer = self._answer(target, message)
        except BadTarget as error:
            return Attempt(_ms(began), error=str(error), final=True)
        except (TimeoutError, httpx2.TimeoutException):
            return Attempt(_ms(began), error=f"no answer within {self._timeout_s:g} s")
        except (OSError, httpx2.HTTPError) as error:
            return Attempt(_ms(began), error=_reason(error))
        return _judged(answer, _ms(began))

    def _answer(self, target: TargetSettings, message: Message) -> httpx2.Response:
        """The first answer any of the host's addresses gives."""
        url = checked_url(target.url.get_secret_value())
        addresses = self._deny.addresses(url.host, port_of(url))
        headers, body = _headers(target, message), message.body()
        until = time.monotonic() + self._timeout_s
        for number, address in enumerate(addresses):
            left_s = max(0.0, until - time.monotonic())
            limits = httpx2.Timeout(left_s, connect=left_s / (len(addresses) - number))
            try:
                return asyncio.run(self._post(url, address, headers, body, limits))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if address == addresses[-1]:
                    raise
        raise AssertionError("a host has at least one address")

    async def _post(
        self,
        url: httpx2.URL,
        address: str,
        headers: Mapping[str, str],
        body: bytes,
        limits: httpx2.Timeout,
    ) -> httpx2.Response:
        """Connects to an address as if its name had been asked; redirects are not followed."""
        named = {"Host": url.netloc.decode("ascii")} | dict(headers)
        extensions = {} if url.host == address else {"sni_hostname": url.raw_host.decode("ascii")}
        async with (
            asyncio.timeout(limits.read),
            # Proxies of the environment would connect to an address of their own choice.
            httpx2.AsyncClient(
                trust_env=False, timeout=limits, verify=self._trust or True
            ) as client,
            client.stream(
                "POST",
                url.copy_with(host=address),
                headers=named,
                content=body,
                extensions=extensions,
                follow_redirects=False,
            ) as answer,
        ):
            read = 0
            async for part in answer.aiter_raw():
                read += len(part)
                if read > _ANSWER_BYTES:
                    break
            return answer


def _headers(target: TargetSettings, message: Message) -> dict[str, str]:
    now_s = int(time.time())
    headers = {name: value.get_secret_value() for name, value in target.headers.items()} | {
        "Content-Type": "application/json",
        "User-Agent": f"Lockstitch/{version('lockstitch')}",
        "Webhook-Id": message.dedup_key,
        "Webhook-Timestamp": str(now_s),
    }
    if target.secret is not None:
        key = target.secret.get_secret_value()
        headers["Webhook-Signature"] = signature(key, message.dedup_key, now_s, message.body())
    return headers


def _judged(answer: httpx2.Response, latency_ms: float) -> Attempt:
    status = answer.status_code
    if answer.is_success:
        return Attempt(latency_ms, status)
    if answer.is_redirect:
        error = f"answered {status}: redirects are not followed; give the URL it leads to"
        return Attempt(latency_ms, status, error, final=True)
    final = 400 <= status < 500 and status not in _TRY_AGAIN
    return Attempt(
        latency_ms,
        status,
        f"answered {status} {_phrase(status)}".strip(),
        final,
        _asked_wait_s(answer.headers.get("retry-after")),
    )


def _phrase(status: int) -> str:
    """The standard's words: those of the answer may repeat what was sent."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _asked_wait_s(value: str | None) -> float | None:
    """Seconds that Retry-After asks for: a number or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.now(UTC)).total_seconds())


def _reason(error: OSError | httpx2.HTTPError) -> str:
    """A sentence without the address: exceptions of the client may quote it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            said = getattr(cause, "verify_message", "") or cause.reason or "TLS failed"
            return f"no safe connection: {said}"
        if isinstance(cause, OSError) and cause.strerror:
            if cause.errno is not None and cause.errno > 0:
                return f"no connection: {os.strerror(cause.errno)}"
            return f"no connection: {cause.strerror}"  # resolvers count below zero
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.ConnectError):
        return "no connection: nothing answers at its address"
    return f"the connection failed: {type(error).__name__}"


def _ms(began: float) -> float:
    return (time.monotonic() - began) * 1e3
