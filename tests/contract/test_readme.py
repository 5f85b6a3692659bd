"""The README says what is true: every setting, every command."""

import re
from pathlib import Path

import pytest
import typer.main
from pydantic import ByteSize
from pydantic.fields import FieldInfo

from collector.settings import Settings
from web.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, ByteSize):
        return value.human_readable().replace(".0", "")
    if value is None or value == () or not isinstance(value, str | int | float | Path):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def settings_rows() -> list[str]:
    """The settings table as it should stand in README.md."""
    return [
        f"| `{name}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


@pytest.mark.parametrize("row", settings_rows())
def test_every_setting_is_documented_with_its_default(row: str) -> None:
    """A setting that is not in the README's table, or reads otherwise there, fails here."""
    assert row in README.splitlines()


def test_the_table_documents_no_setting_that_does_not_exist() -> None:
    """A row left behind by a removed setting fails here."""
    table = README.split("| name | default | meaning |")[1].split("\n\n")[0]
    documented = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)

    assert documented == list(Settings.model_fields)


def test_every_command_is_documented() -> None:
    """The README's table of commands is complete."""
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]

    assert [name for name in commands if f"`lockstitch {name}" not in README] == []


def test_locks_name_no_index_and_no_host() -> None:
    """Lock files hold versions and hashes only."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()

        assert "://" not in text
        assert "--hash=sha256:" in text
