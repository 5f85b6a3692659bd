"""Rules as TOML text that ``[alerts] files`` and the import take back."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from collector.alerts.rules import Rule

_DEFAULTS: Final = {"for": "0s", "keep_firing_for": "0s", "min_count": 0, "enabled": True}


def write_rules(rules: Iterable[Rule]) -> str:
    """One ``[[rules]]`` table each, without what is as it is by default."""
    return "\n".join(_table("rules", rule.document()) for rule in rules)


def _table(name: str, document: Mapping[str, Any]) -> str:
    lines = [f"[[{name}]]"]
    for key, value in document.items():
        if value is None or value in ({}, []) or _DEFAULTS.get(key) == value:
            continue
        lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """TOML's basic strings take the escapes of JSON; DEL alone it wants escaped too."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
