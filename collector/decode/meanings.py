"""What a promoted value means: each function turns one text as sent into the text we store."""

import orjson

from collector.decode import semconv
from collector.decode.resources import log_group_function, read_place
from collector.model.id_text import LONGEST, tidy_id


def correlation_id(text: str) -> str | None:
    """The id itself: of a header array its first element, of an X-Ray id its 32 hex digits.

    None for nothing and for texts too long to be an id.
    """
    return id_text(first_element(text))


def id_text(text: str) -> str | None:
    """An id in the form in which ids are compared; None for nothing and for what is too long."""
    return tidy_id(text) or None if len(text) <= LONGEST else None


def first_element(text: str) -> str:
    """First element of a JSON array; the text itself when it is none."""
    if not text.startswith("["):
        return text
    try:
        elements = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    first = elements[0] if isinstance(elements, list) and elements else None
    return str(first) if isinstance(first, str | int | float) else ""


def destination(text: str) -> str:
    """A queue, topic or stream by name: the end of a queue URL or of an ARN."""
    if text.startswith("arn:"):
        return text.rsplit(":", 1)[-1].rsplit("/", 1)[-1] or text
    if text.startswith(("https://", "http://")):
        return text.rstrip("/").rsplit("/", 1)[-1]
    return text


def trigger(text: str) -> str:
    return semconv.TRIGGERS.get(text, text)


def truth(text: str) -> bool | None:
    """True and False as SDKs write them; None for anything else."""
    return {"true": True, "false": False}.get(text.lower())


def function_of_resource_id(text: str) -> str | None:
    """The function a cloud resource id names, if it names one."""
    return read_place(text).function


def function_of_log_group(text: str) -> str | None:
    """The function a log group, or the first of an array of them, belongs to."""
    return log_group_function(first_element(text))


def function_of_dimensions(text: str) -> str | None:
    """The function among the dimensions of a CloudWatch metric, given as JSON text."""
    if not text.startswith("{"):
        return None
    try:
        dimensions = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    named = (dimensions.get(name) for name in semconv.FUNCTION_DIMENSIONS)
    return next((name for name in named if isinstance(name, str) and name), None)
