"""What cuts plain traces in columns makes what the pure core makes."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
from duckdb import DuckDBPyConnection as Cursor

from collector.columns import LOG_RECORDS, SPAN_LINKS, SPANS
from collector.derive.cutting import cut_records, make_plain
from collector.derive.facts import trace_facts
from collector.derive.fragmenting import make
from collector.derive.naming import read_names
from collector.model.stitching.rules import QUEUES
from collector.store.database import Database
from collector.store.stitching_cut import find_dirty, take_cut
from collector.store.stitching_facts import read_records, text_keys
from collector.store.stitching_load import Reach
from tests.derive.facts import Rows, ordinary_traces, traces
from tests.store import build

_SCHEMAS = {"spans": SPANS, "span_links": SPAN_LINKS, "log_records": LOG_RECORDS}
_REACH = Reach(0, 1)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store without rows; each example takes its own back."""
    opened = build.open_database(tmp_path_factory.mktemp("plain"))
    yield opened
    opened.close()


class _UndoneError(Exception):
    """Takes the rows of an example back."""


def made(database: Database, found: list[Rows], *, by_core: bool) -> tuple[list[Any], list[Any]]:
    """The fragments and keys of these traces, cut in columns where it can or all by the core."""
    answer: list[list[Any]] = []

    def work(cursor: Cursor) -> None:
        for table, schema in _SCHEMAS.items():
            rows = [
                {**record, "trace_id": number.to_bytes(16, "big"), "export_seq": 1}
                for number, trace in enumerate(found, 1)
                for record in trace[table]
            ]
            cursor.register("incoming", build.table(schema, rows))
            cursor.execute(f"insert into {table} by name select * from incoming")
            cursor.unregister("incoming")
        find_dirty(cursor, _REACH, 0)
        records = read_records(cursor, 0, 1)
        if by_core:
            everything = np.ones(records.traces.num_rows, bool)
            by_hand = make(trace_facts(records, everything), {}, QUEUES).tables()
            named = read_names(records, lambda texts: text_keys(cursor, texts))
            cut = take_cut(cursor, by_hand, make_plain(records, named, ~everything))
        else:
            cut = cut_records(cursor, records, [], QUEUES)
        answer.extend(
            sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)
            for table in (cut.fragments, cut.keys)
        )
        raise _UndoneError

    with pytest.raises(_UndoneError):
        database.write(work)
    return answer[0], answer[1]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make_traces", [traces, ordinary_traces])
def test_columns_cut_plain_traces_as_the_core_does(
    database: Database, make_traces: Callable[[Random, int], list[Rows]], seed: int
) -> None:
    """Fragments and keys are equal, row by row, for hundreds of traces of all sorts."""
    found = make_traces(Random(seed), 300)
    in_columns, by_core = (made(database, found, by_core=each) for each in (False, True))

    assert in_columns[0] == by_core[0]
    assert in_columns[1] == by_core[1]
