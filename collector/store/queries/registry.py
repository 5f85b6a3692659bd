"""The questions of the product: every file of ``sql/queries`` and the function that asks it."""

from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.store.sql import Statements


class Questions(Statements):
    """Statements whose answers may be wide: rows come by column name too."""

    def records(self, cursor: Cursor, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of the answer, each as column name -> value."""
        answer = self.run(cursor, name, **parameters)
        columns = [column[0] for column in answer.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]

    def columns(self, cursor: Cursor, name: str, **parameters: Any) -> dict[str, Any]:
        """The answer as columns of numpy, masked where they have nulls: for thousands of rows."""
        return self.run(cursor, name, **parameters).fetchnumpy()

    def many_records(self, cursor: Cursor, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """As :meth:`records`, for answers of hundreds of rows: half the time for 1,000 spans.

        The way through columns costs half a millisecond more to begin with.
        """
        answer = self.table(cursor, name, **parameters)
        columns = answer.column_names
        values = (column.to_pylist() for column in answer.columns)
        return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


QUERIES: Final = Questions("queries")

MAX_ROWS: Final = 1000
"""No list gives more rows at once, whatever limit is asked for."""


def capped(limit: int) -> int:
    """A limit between 1 and :data:`MAX_ROWS`."""
    return max(1, min(limit, MAX_ROWS))
