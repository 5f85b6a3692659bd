"""A store whose deriver is stepped by hand: rows of telemetry in, invocations out."""

from pathlib import Path
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.columns import EXPORTS, LOG_RECORDS, METRIC_POINTS, RESOURCES, SPANS
from collector.derive.deriver import Deriver
from collector.store import deriving
from collector.store.writer import CommitInfo
from tests.store import build

SCHEMAS: Final = {
    "spans": SPANS, "log_records": LOG_RECORDS, "resources": RESOURCES,
    "metric_points": METRIC_POINTS,
}  # fmt: skip
T0_NS: Final = 1_795_186_800_000_000_000
SECOND: Final = 10**9
MINUTE: Final = 60 * SECOND
REQUEST: Final = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"
STREAM: Final = "2026/11/20/[17]0f3c9d1e2b4a5968778695a4b3c2d1e0"

Row = tuple[str, dict[str, Any]]
"""A table and a row of it."""


def resource(number: int, function: str = "orders", **said: Any) -> Row:
    """A resource of that number; of Lambda unless told otherwise."""
    row = {
        "resource_id": number, "function": function, "provider": "aws",
        "platform": "aws_lambda", "region": "eu-west-1", "account_id": "123456789012",
    }  # fmt: skip
    return ("resources", row | said)


def span(at_s: float = 0, duration_s: float | None = 0.5, **said: Any) -> Row:
    """A server span that stands for an invocation."""
    row = {
        "start_ns": T0_NS + round(at_s * SECOND),
        "duration_ns": None if duration_s is None else round(duration_s * SECOND),
        "trace_id": (7).to_bytes(16, "big"), "span_id": 1, "name": "orders", "kind": 2,
        "status_code": 0, "function": "orders", "invocation_id": REQUEST, "resource_id": 1,
    }  # fmt: skip
    return ("spans", row | said)


def line(body: str, at_s: float = 0, **said: Any) -> Row:
    """A log record with that text, from the environment of resource 1."""
    row = {
        "time_ns": T0_NS + round(at_s * SECOND), "body": body, "body_type": "s",
        "function": "orders", "resource_id": 1,
    }  # fmt: skip
    return ("log_records", row | said)


def start(at_s: float = 0, request: str = REQUEST, **said: Any) -> Row:
    return line(f"START RequestId: {request} Version: 17", at_s, **said)


def report(at_s: float, ms: float, more: str = "", request: str = REQUEST, **said: Any) -> Row:
    """A REPORT as CloudWatch has it, tabs and all."""
    text = (
        f"REPORT RequestId: {request}\tDuration: {ms:.2f} ms\tBilled Duration: {round(ms)} ms\t"
        f"Memory Size: 512 MB\tMax Memory Used: 148 MB\t{more}"
    )
    return line(text, at_s, **said)


class DerivedStore:
    """A database and a deriver that works when told to."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.database = build.open_database(directory)
        self.writer = build.IdleWriter()
        self.seq = 0
        self.deriver = self.restart()

    def restart(self) -> Deriver:
        """Another deriver on the same file."""
        self.deriver = Deriver(self.database, self.writer)
        return self.deriver

    def commit(self, *rows: Row) -> None:
        """One export with these rows, committed but not derived."""
        self.seq += 1
        by_table: dict[str, list[dict[str, Any]]] = {}
        for table, row in rows:
            more = {} if table == "resources" else {"export_seq": self.seq}
            by_table.setdefault(table, []).append(row | more)

        def insert(cursor: Cursor) -> None:
            for table, found in by_table.items():
                build.insert(cursor, table, build.table(SCHEMAS[table], found))
            export = {
                "export_seq": self.seq, "received_ns": 1, "records": len(rows), "bytes": 1,
            }  # fmt: skip
            build.insert(cursor, "exports", build.table(EXPORTS, [export]))
            cursor.execute("update progress set applied_seq = $seq", {"seq": self.seq})

        self.database.write(insert)
        self.writer.applied_seq = self.seq
        for listener in self.writer.listeners:
            listener(CommitInfo(self.seq, {}))

    def derive(self) -> None:
        """Runs until there is nothing to do."""
        while self.deriver.step():
            pass

    def fold(self) -> None:
        """Adds the changes up into the figures."""
        self.database.write(deriving.fold)

    def take(self, *rows: Row) -> None:
        """Commits and derives."""
        self.commit(*rows)
        self.derive()

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        return self.database.read(lambda cursor: cursor.execute(question).fetchall())

    def invocations(self, columns: str) -> list[tuple[Any, ...]]:
        """Columns of the view, in order of start."""
        return self.rows(f"select {columns} from invocations order by start_ns, function")

    def figures(self) -> list[tuple[Any, ...]]:
        """Every figure that is stored, summed."""
        return self.rows(
            "select function, version, minute, figure, bucket, sum(amount) from ("
            " select * from minute_figures union all select * from minute_changes)"
            " group by all having sum(amount) <> 0 order by all"
        )

    def figures_anew(self) -> list[tuple[Any, ...]]:
        """The same, counted from the invocations themselves."""
        return self.rows(
            "select function, version, minute, figure, bucket, sum(amount)"
            " from figures_of('invocation_rows') group by all order by all"
        )

    def close(self) -> None:
        self.database.close()
