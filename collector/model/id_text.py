"""Ids as people and programs write them, and the one form in which we store and compare them."""

import re
from typing import Final

LONGEST: Final = 512
"""Characters of the longest text taken for an id; ARNs of executions have up to 300."""

_HEX: Final = re.compile(r"[0-9A-Fa-f-]{16,}", re.ASCII)
_XRAY: Final = re.compile(r"(?:^|Root=)1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})(?=;|$)", re.ASCII)
# Plain; traceparent (also Diagnostic-Id); b3; X-Cloud-Trace-Context; the trace field of Google's
# structured logs. Sources: W3C Trace Context, B3, cloud.google.com/trace/docs/trace-context.
_TRACE: Final = re.compile(
    r"(?:[0-9a-f]{2}-|projects/[^/]+/traces/)?([0-9a-f]{32})(?:-[0-9a-f]{16}(?:-[^ ]*)?|[/;].*)?",
    re.ASCII | re.IGNORECASE,
)
_TRACE_DIGITS: Final = 32
_AROUND: Final = " \t\r\n\"'"


def tidy_id(text: str) -> str:
    """The id without spaces and quotes around it; UUIDs and long hex numbers in lower case.

    An X-Ray trace id or header becomes the 32 hex digits of the trace id.
    """
    bare = text.strip(_AROUND)
    found = _XRAY.search(bare) if "1-" in bare else None
    if found:
        return (found[1] + found[2]).lower()
    lower = bare.lower()
    return lower if lower != bare and _HEX.fullmatch(bare) else bare


def trace_id_of(text: str) -> str | None:
    """The trace id (32 lower-case hex digits) a text is or carries, in any known propagation form.

    None for all else, for zeros and for longer texts than any of these forms.
    """
    if len(text) > LONGEST:
        return None
    tidy = tidy_id(text)
    found = _TRACE.fullmatch(tidy) if len(tidy) >= _TRACE_DIGITS else None
    if not found or not found[1].strip("0"):
        return None
    return found[1].lower()
