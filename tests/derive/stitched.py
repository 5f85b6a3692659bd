"""A store whose stitcher is stepped by hand: commits of rows in, event traces out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.columns import EXPORTS, LOG_RECORDS, SPAN_LINKS, SPANS
from collector.derive.judging import judging
from collector.derive.pacing import MAX_RECORDS
from collector.derive.stitcher import Stitcher
from collector.settings import Settings
from collector.store.writer import CommitInfo
from tests.store import build

SCHEMAS: Final = {"spans": SPANS, "span_links": SPAN_LINKS, "log_records": LOG_RECORDS}

Record = list[tuple[str, dict[str, Any]]]
"""What comes together, as tables and rows: a span with its links, or a log record."""


class StitchedStore:
    """A database and a stitcher that works when told to."""

    def __init__(
        self, directory: Path, *, hub_bound: int = 500, most_records: int = MAX_RECORDS
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.database = build.open_database(directory)
        self.writer = build.IdleWriter()
        self.hub_bound = hub_bound
        self.most_records = most_records
        self.seq = 0
        self.stitcher = self.restart()

    def restart(self) -> Stitcher:
        """Another stitcher on the same file."""
        found = judging(Settings(db=self.database.path))
        how = replace(found, rules=replace(found.rules, hub_bound=self.hub_bound))
        self.stitcher = Stitcher(self.database, self.writer, how, most_records=self.most_records)
        return self.stitcher

    def commit(self, records: Iterable[Record]) -> None:
        """One export with these records, committed but not stitched."""
        self.seq += 1
        rows_of: dict[str, list[dict[str, Any]]] = {}
        for table, row in (each for record in records for each in record):
            rows_of.setdefault(table, []).append(row | {"export_seq": self.seq})
        count = sum(len(rows) for rows in rows_of.values())

        def insert(cursor: Cursor) -> None:
            for table, rows in rows_of.items():
                build.insert(cursor, table, build.table(SCHEMAS[table], rows))
            export = {"export_seq": self.seq, "received_ns": 1, "records": count, "bytes": 1}
            build.insert(cursor, "exports", build.table(EXPORTS, [export]))
            cursor.execute("update progress set applied_seq = $seq", {"seq": self.seq})

        self.database.write(insert)
        self.writer.applied_seq = self.seq
        for listener in self.writer.listeners:
            listener(CommitInfo(self.seq, {}))

    def stitch(self) -> None:
        """Runs until there is nothing to do."""
        while self.stitcher.step():
            pass

    def rows(self, question: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self.database.read(
            lambda cursor: cursor.execute(question, parameters or None).fetchall()
        )

    def events(self) -> set[frozenset[int]]:
        """Every event trace as the set of its fragments."""
        found: dict[int, set[int]] = {}
        for event, fragment in self.rows("select event_trace_id, fragment_id from fragments"):
            found.setdefault(event or 0, set()).add(fragment)
        return {frozenset(each) for each in found.values()}

    def summaries(self) -> list[tuple[Any, ...]]:
        """The rows of event traces but for their ids and when they were written."""
        return self.rows(
            "select * exclude (event_trace_id, created_seq, first_run, run)"
            " from event_traces order by all"
        )

    def close(self) -> None:
        self.database.close()


def records(found: Sequence[dict[str, list[dict[str, Any]]]]) -> list[Record]:
    """The records of traces, which are numbered from 1."""
    made: list[Record] = []
    for number, trace in enumerate(found, 1):
        of = {"trace_id": number.to_bytes(16, "big")}
        for span in trace["spans"]:
            links = [link for link in trace["span_links"] if link["span_id"] == span["span_id"]]
            made.append([("spans", span | of), *(("span_links", link | of) for link in links)])
        made += [[("log_records", log | of)] for log in trace["log_records"]]
    return made
