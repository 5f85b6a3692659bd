"""Turns figures into what a person reads: three significant digits, and the unit always.

Every filter takes None for *unknown* and then gives the word ``unknown``. The exact value is a
separate filter, so that a template can show one and put the other where the pointer rests.
Times stay int nanoseconds UTC everywhere else; here is the only place they become text.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from collector.model import durations
from collector.model.log_line import read_line

UNKNOWN: Final = "unknown"

_NS_PER_S: Final = 1_000_000_000
_HALF_DAY_NS: Final = 43_200 * _NS_PER_S
_DURATIONS: Final = ((_NS_PER_S, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))
_BYTES: Final = ((1024**4, "TiB"), (1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_COUNTS: Final = ((10**12, " T"), (10**9, " G"), (10**6, " M"), (10**3, " k"))
_PACES: Final = ((1, "s"), (60, "min"), (3600, "h"))
_NS_PER_UNIT: Final = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0}
_LONG_ID: Final = 32  # characters of a UUID or trace id without its dashes
_LINE: Final = 240  # characters of a log line in a list: more than a wide screen shows
_LONGEST_JSON: Final = 65_536  # characters that are parsed to be shown in order
_SEVERITIES: Final = ("unset", "trace", "debug", "info", "warn", "error", "fatal")
_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUSES: Final = ("unset", "ok", "error")
_TYPES: Final = {
    "s": "string",
    "b": "bool",
    "i": "int",
    "d": "double",
    "a": "array",
    "k": "map",
    "y": "bytes",
    "e": "empty",
}


def number(value: float | None) -> str:
    """A number at three significant digits, without an exponent: ``0.0042``, ``12.3 k``."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 10_000:
        return count(value)
    if value == int(value):
        return f"{int(value):,}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0").rstrip(".")


def count(value: float | None) -> str:
    """A whole number: exact below ten thousand, then ``12.3 k``, ``4.56 M``."""
    if value is None:
        return UNKNOWN
    if abs(value) < 10_000:
        return f"{value:,.0f}"
    step, unit = next((s, u) for s, u in _COUNTS if abs(value) >= s)
    return f"{durations.three_digits(value / step)}{unit}"


def duration(ns: float | None) -> str:
    """A duration given in nanoseconds: ``1.24 ms``, ``41.2 s``, ``2 min 4 s``."""
    return UNKNOWN if ns is None else durations.duration(ns)


def exact_duration(ns: int | None) -> str:
    """The whole of it: ``1,234,567 ns``."""
    return UNKNOWN if ns is None else f"{ns:,} ns"


def size(number_of_bytes: float | None) -> str:
    """Bytes in binary units: ``1.24 MiB``."""
    if number_of_bytes is None:
        return UNKNOWN
    for step, unit in _BYTES:
        if abs(number_of_bytes) >= step:
            return f"{durations.three_digits(number_of_bytes / step)} {unit}"
    return f"{number_of_bytes:.0f} B"


def memory(megabytes: float | None) -> str:
    """Memory of a function as its platform says it: ``512 MB``."""
    return UNKNOWN if megabytes is None else f"{number(megabytes)} MB"


def seconds(length_s: float | None) -> str:
    """A duration given in seconds: ``41.2 s``, ``2 h 4 min``."""
    return UNKNOWN if length_s is None else durations.duration(length_s * _NS_PER_S)


def pace(per_s: float | None) -> str:
    """How often, given per second: ``1.2 / s``, ``12 / min``, ``3 / h``."""
    if per_s is None:
        return UNKNOWN
    step, unit = next(((n, u) for n, u in _PACES if per_s * n >= 1), _PACES[-1])
    return f"{number(per_s * step)} / {unit}" if per_s else "0 / s"


def exact(value: float | None, unit: str = "") -> str:
    """A value with all its digits and its unit, for the hover text."""
    if value is None:
        return UNKNOWN
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.12g}"
    return f"{text} {unit}".rstrip()


def measure(value: float | None, unit: str) -> str:
    """A metric's value in a unit that suits its size: seconds and bytes are scaled."""
    if value is None:
        return UNKNOWN
    if unit in _NS_PER_UNIT:
        return duration(value * _NS_PER_UNIT[unit])
    return size(value) if unit == "By" else f"{number(value)} {unit}".rstrip()


def scale(most: float, unit: str) -> tuple[float, str]:
    """What to divide an axis of this unit by, and the unit it then has: bytes become MiB."""
    if unit == "By":
        return next(((step, name) for step, name in _BYTES if most >= step), (1, "bytes"))
    if unit in _NS_PER_UNIT and most > 0:
        own = _NS_PER_UNIT[unit]
        step, name = next(((s, u) for s, u in _DURATIONS if most * own >= s), (1, "ns"))
        return step / own, name
    return 1, unit


def ratio(share: float | None) -> str:
    """A share of one as per cent: ``3.1 %``."""
    return UNKNOWN if share is None else f"{number(share * 100)} %"


def change(share: float | None) -> str:
    """A change by a share of what was: ``+12 %``, ``-50 %``, from tenfold on as "times"."""
    if share is None:
        return UNKNOWN
    if share >= 9:
        return f"\N{MULTIPLICATION SIGN}{number(round(share + 1))}"
    text = f"{abs(share) * 100:.0f} %"
    sign = "+" if share > 0 else "\N{MINUS SIGN}"
    return "±0 %" if text == "0 %" else sign + text


def money(usd: Decimal | float | None) -> str:
    """US dollars at three significant digits, without an exponent: ``$0.0042``, ``$12.3 k``."""
    if usd is None:
        return UNKNOWN
    sign, size = ("\N{MINUS SIGN}" if usd < 0 else ""), abs(Decimal(str(usd)))
    if not size:
        return "$0"
    if size >= 1000:
        return f"{sign}${count(float(size))}"
    rounded = Decimal(f"{size:.2e}")
    if rounded >= 1:
        return f"{sign}${rounded:,.{max(0, 2 - rounded.adjusted())}f}"
    text = f"{rounded.normalize():f}"
    return f"{sign}${text}{'0' if len(text) == 3 else ''}"  # tenths as cents: $0.40


def exact_money(usd: Decimal | float | None) -> str:
    """Twelve digits of it, which are all that is known: ``$0.004200000013``."""
    if usd is None:
        return UNKNOWN
    value = Decimal(f"{Decimal(str(usd)):.11e}").normalize()
    return f"${value:,f}".replace("$-", "\N{MINUS SIGN}$")


def per_million(usd: Decimal | float | None) -> str:
    """A unit cost for a million of them, which is how providers tell prices: ``$0.521``."""
    return UNKNOWN if usd is None else money(Decimal(str(usd)) * 1_000_000)


def plural(value: int, one: str, many: str = "") -> str:
    """``1 span``, ``2 spans``, ``12.3 k spans``; ``many`` where adding an s will not do."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def iso(ns: int) -> str:
    """RFC 3339 UTC with all nine digits: what ``<time datetime>`` and the API hold."""
    seconds, rest = divmod(ns, _NS_PER_S)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
    except (OverflowError, ValueError):  # beyond year 9999
        return f"{ns} ns since 1970"


def utc(ns: int) -> str:
    """``2026-11-20 16:13:05.123 UTC``: the text without JavaScript and on hover."""
    text = iso(ns)
    return text if " " in text else f"{text[:10]} {text[11:23]} UTC"


def clock(ns: int) -> str:
    """``16:13:05.123``: the time of day (UTC) where the date is known from around it."""
    text = iso(ns)
    return text if " " in text else text[11:23]


def minute(ns: int, now_ns: int | None = None) -> str:
    """``16:13`` (UTC), with the date after half a day: as fine as steps of a series are."""
    text = iso(ns)
    if " " in text:
        return text
    old = (time.time_ns() if now_ns is None else now_ns) - ns >= _HALF_DAY_NS
    return f"{text[:10]} {text[11:16]}" if old else text[11:16]


def age(ns: int, now_ns: int | None = None) -> str:
    """How long before ``now_ns`` (default: now): ``4 min ago``; the date after a day."""
    seconds = ((time.time_ns() if now_ns is None else now_ns) - ns) // _NS_PER_S
    if seconds >= 86_400:
        return utc(ns)[:10]
    if seconds < -1:
        return f"in {durations.whole_seconds(-seconds)}"
    if seconds < 5:
        return "just now"
    figure, unit = durations.whole_seconds(seconds).split(" ")[:2]
    return f"{figure} {unit} ago"


def severity(severity_number: int | None) -> str:
    """The class of an OTLP severity number (1-24): ``info``, ``error``...; 0 is ``unset``."""
    index = ((severity_number or 0) + 3) // 4
    return _SEVERITIES[index] if 0 <= index < len(_SEVERITIES) else "unset"


def kind(span_kind: int) -> str:
    """The name of an OTLP span kind."""
    return _KINDS[span_kind] if 0 <= span_kind < len(_KINDS) else "unspecified"


def status(status_code: int) -> str:
    """The name of an OTLP span status code."""
    return _STATUSES[status_code] if 0 <= status_code < len(_STATUSES) else "unset"


def outcome(event_status: str) -> str:
    """How an event trace ended, as a person says it: ``dead-lettered``."""
    return event_status.replace("_", "-")


def value_type(letter: str) -> str:
    """The name of an attribute type letter of ``collector.columns``."""
    return _TYPES.get(letter, letter)


def json_text(value: object) -> str:
    """A composite attribute value as compact JSON, readable in any script."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str)


def line(value: object) -> str:
    """A log body on one line, short enough for a list; composites as JSON."""
    text = value if isinstance(value, str) else "" if value is None else json_text(value)
    return " ".join(text[:_LINE].split())


def terms(fields: Mapping[str, object]) -> str:
    """Fields of a log line behind its message: ``order=7 state=paid``, on one line."""
    shown = ((k, v if isinstance(v, str) else json_text(v)) for k, v in fields.items())
    return line("  ".join(f"{key}={value}" for key, value in shown))


def pretty(body: object) -> str:
    """A log body to be read in full: JSON (also as text) with a line for each of its members."""
    value = body
    if isinstance(body, str):
        if not body.startswith(("{", "[")) or len(body) > _LONGEST_JSON:
            return body
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return body
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2, default=str)


def term(key: str, value: object) -> str:
    """The search that finds records with this attribute: ``key=value``, quoted where needed."""
    text = "true" if value is True else "false" if value is False else str(value)
    return f'{key}="{text}"' if " " in text or not text else f"{key}={text}"


def tone(function: str | None) -> int:
    """Which of the twelve function colours a name has, here and on every other machine (FNV-1a)."""
    digest = 0x811C9DC5
    for byte in (function or "").encode("utf-8", "replace"):
        digest = (digest ^ byte) * 0x01000193 & 0xFFFFFFFF
    return digest % 12


def telling(ids: Sequence[str]) -> list[str]:
    """Correlation ids, those a person would say first: request ids of gateways (base64) and ids
    of 32 characters and more stand behind order numbers and the like.
    """
    return sorted(ids, key=lambda each: (each.endswith("="), len(each) >= _LONG_ID))


def anchor(text: str) -> str:
    """An element id that stands for a text: the same for the same one."""
    return f"a{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        number,
        count,
        duration,
        exact_duration,
        size,
        memory,
        seconds,
        pace,
        minute,
        exact,
        measure,
        ratio,
        change,
        money,
        exact_money,
        per_million,
        plural,
        iso,
        utc,
        clock,
        age,
        severity,
        kind,
        status,
        outcome,
        value_type,
        tone,
        json_text,
        pretty,
        terms,
        read_line,
        anchor,
        telling,
        term,
        line,
    )
}
