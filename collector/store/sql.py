"""Loads the .sql files beside this module by name; no SQL text is ever put together in code.

Each folder under ``sql/`` has one :class:`Statements`, which knows every file by name. A question
of the product is one file and one typed function of the same name, with the file's ``$names`` as
its keywords:

    QUERIES = Statements("queries")

    @QUERIES.question
    def trace_spans(cursor: Cursor, *, trace_id: UUID) -> list[SpanRow]:
        \"\"\"The spans of one trace, in order of time.\"\"\"
        return [SpanRow(*row) for row in QUERIES.rows(cursor, "trace_spans", trace_id=trace_id)]

which reads ``sql/queries/trace_spans.sql``. ``database.read(lambda cursor: trace_spans(cursor,
trace_id=...))`` asks it. A file without a function and a function without a file both stop the
start (:meth:`Statements.check`); that every file binds against the schema and that its ``$names``
are its function's keywords is held by ``tests/contract/test_sql.py``.
"""

import warnings
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any, Final, TypeVar

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.errors import StoreError

Question = TypeVar("Question", bound=Callable[..., Any])

# The other way to columns, a relation, binds a statement twice: 1 ms of 4, and the same with 26,000
# rows of 20 columns.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result")

_ROOT: Final = files("collector.store").joinpath("sql")


def texts(folder: str) -> dict[str, str]:
    """The .sql files of one folder: name without suffix -> text, in order of name."""
    found = [item for item in _ROOT.joinpath(folder).iterdir() if item.name.endswith(".sql")]
    return {
        item.name.removesuffix(".sql"): item.read_text("utf-8")
        for item in sorted(found, key=lambda item: item.name)
    }


def order(folder: str) -> list[str]:
    """The names in the folder's ``_order`` file, one a line."""
    return _ROOT.joinpath(folder, "_order").read_text("utf-8").split()


class Statements:
    """The statements of one folder, loaded and parsed once: that is 5 to 20 % of a small one."""

    def __init__(self, folder: str, names: Iterable[str] = ()) -> None:
        self.folder = folder
        self.texts = texts(folder)
        self.functions: dict[str, Callable[..., Any] | None] = dict.fromkeys(names)
        self._parsed: dict[str, duckdb.Statement | str] = {}

    def question(self, function: Question) -> Question:
        """Registers a function as the one that asks the file of its name."""
        self.functions[function.__name__] = function
        return function

    def check(self) -> None:
        """Compares files and registrations both ways.

        Raises:
            StoreError: a file nobody uses, or a name without a file; the build is broken.
        """
        odd = sorted(self.texts.keys() ^ self.functions.keys())
        if odd:
            raise StoreError(f"sql/{self.folder}: no file or no function for {', '.join(odd)}")

    def run(self, cursor: Cursor, name: str, **parameters: Any) -> Cursor:
        """Executes the file of that name with its ``$names`` bound."""
        return cursor.execute(self._statement(cursor, name), parameters)

    def rows(self, cursor: Cursor, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of the answer, as tuples in the order of its columns."""
        return self.run(cursor, name, **parameters).fetchall()

    def table(self, cursor: Cursor, name: str, **parameters: Any) -> pa.Table:
        """All rows of the answer as columns."""
        return self.run(cursor, name, **parameters).to_arrow_table()

    def _statement(self, cursor: Cursor, name: str) -> duckdb.Statement | str:
        """It parsed, which every cursor of any database may execute; several as their text."""
        if name not in self._parsed:
            text = self.texts[name]
            parsed = cursor.extract_statements(text)
            self._parsed[name] = parsed[0] if len(parsed) == 1 else text
        return self._parsed[name]
