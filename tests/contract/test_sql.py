"""Every .sql file is registered, binds against the schema, and has its function's parameters."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pytest

from collector.columns import EXPORTS, TABLES
from collector.derive.cutting import make_plain
from collector.derive.fragmenting import Made
from collector.derive.naming import read_names
from collector.errors import StoreError
from collector.store import queries, sql
from collector.store.alerts import ALERTS
from collector.store.apply import INGEST
from collector.store.database import Database
from collector.store.delivering import DELIVERY
from collector.store.deriving import DERIVING, FIGURES, MADE, NEW
from collector.store.queries.registry import QUERIES
from collector.store.retention import RETENTION
from collector.store.runs import RUNS
from collector.store.stitching import STITCHING
from collector.store.stitching_cut import find_dirty, take_cut, take_dirty
from collector.store.stitching_facts import TEXTS, read_records, text_keys
from collector.store.stitching_load import Reach, load
from collector.store.stitching_save import Changes, incoming
from tests.store import build

for _module in Path(queries.__path__[0]).glob("[a-z]*.py"):
    import_module(f"collector.store.queries.{_module.stem}")

FOLDERS = (INGEST, RETENTION, QUERIES, RUNS, STITCHING, DERIVING, ALERTS, DELIVERY)
ALL = {folder.folder: folder for folder in FOLDERS}
FILES = [(folder, name) for folder, found in ALL.items() for name in found.texts]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store with the full schema and no rows."""
    opened = build.open_database(tmp_path_factory.mktemp("sql"))
    yield opened
    opened.close()


class UndoneError(Exception):
    """Takes back what a test made."""


def stitching_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """The temporary tables and incoming rows that statements of stitching read."""
    reach = Reach(0, 0)
    find_dirty(cursor, reach, 0)
    records = read_records(cursor, 0, 0)
    fragments, occurrences = Made().tables()
    named = read_names(records, lambda texts: text_keys(cursor, texts))
    cut = take_cut(cursor, (fragments, occurrences), make_plain(records, named, np.zeros(0, bool)))
    loaded = load(cursor, reach, cut, 500)
    STITCHING.run(cursor, "make_swept", swept_seq=0, floor_seq=0, settled=0)
    for name, table in incoming(Changes(0), loaded).items():
        cursor.register(name, table)
    cursor.register("given_spans", records.spans)
    cursor.register("given_logs", records.logs)
    cursor.register("given_texts", TEXTS.empty_table())
    cursor.register("made_fragments", fragments)
    cursor.register("made_occurrences", occurrences)
    cursor.register("given_fragments", cut.fragments)
    cursor.register("made_keys", cut.keys)
    dirty = take_dirty(cursor)
    cursor.register("given_dirty_traces", dirty.traces)
    cursor.register("given_dirty_logs", dirty.logs)


def deriving_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """The temporary tables that statements of deriving read."""
    for name in (*NEW, "touched", *MADE, *FIGURES, "folded_sightings", "folded_hours"):
        text = DERIVING.texts[f"make_{name}"]
        cursor.execute(text, dict.fromkeys(named(text), 0))


def named(text: str) -> set[str]:
    """The ``$names`` of a statement; there must be one statement."""
    [statement] = duckdb.extract_statements(text)
    return set(statement.named_parameters)


@pytest.mark.parametrize("folder", ALL)
def test_files_and_registrations_are_the_same(folder: str) -> None:
    """Nothing lies about unused, nothing is missing."""
    ALL[folder].check()


def test_an_unregistered_file_stops_the_start() -> None:
    """The check at start names the odd file and the odd name."""
    with pytest.raises(StoreError, match=r"sql/retention: no file or no function for .*nowhere"):
        sql.Statements("retention", ["mark_deleted", "nowhere"]).check()


def test_every_folder_of_statements_is_known() -> None:
    """A new folder under sql/ comes under these tests."""
    folders = {item.name for item in files("collector.store").joinpath("sql").iterdir()}

    assert folders - {"__pycache__"} == {*ALL, "tables", "views"}


@pytest.mark.parametrize(("folder", "name"), FILES, ids=lambda part: part)
def test_a_statement_binds_against_the_schema(database: Database, folder: str, name: str) -> None:
    """A wrong table, column or function fails here, not at a user's page."""
    text = ALL[folder].texts[name]
    table = name.removeprefix("insert_")
    schema = TABLES.get(table, EXPORTS)

    def prepare(cursor: duckdb.DuckDBPyConnection) -> None:
        if folder == "ingest":
            cursor.register("incoming", build.table(schema, [{}]))
        if folder == "stitching":
            stitching_tables(cursor)
        if folder == "deriving":
            deriving_tables(cursor)
        # Made anew by each run.
        question = re.sub(r"create (or replace )?temp (table|view) \w+ as\s", "", text)
        for statement in duckdb.extract_statements(question):
            if statement.type == duckdb.StatementType.DROP:  # cannot be prepared
                cursor.execute(statement).fetchall()
                continue
            cursor.execute(f"prepare checked as {statement.query}").fetchall()
            cursor.execute("deallocate checked").fetchall()
        if folder == "ingest":
            cursor.unregister("incoming")
        raise UndoneError

    with pytest.raises(UndoneError):
        database.write(prepare)


@pytest.mark.parametrize("name", QUERIES.texts)
def test_parameters_are_the_functions_keywords(name: str) -> None:
    """The ``$names`` of a question are the keywords its function may pass on."""
    function = QUERIES.functions[name]
    assert function is not None
    keywords = {
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }

    assert named(QUERIES.texts[name]) == keywords


@pytest.mark.parametrize(("folder", "name"), FILES, ids=lambda part: part)
def test_a_statement_is_one_screen(folder: str, name: str) -> None:
    """Longer ones name their middle step as a view."""
    assert ALL[folder].texts[name].count("\n") <= 80


@pytest.mark.parametrize("name", sql.texts("views"))
def test_a_view_opens_with_what_a_row_is(name: str) -> None:
    """The first line of every view, and of every macro that gives rows, defines them."""
    text = sql.texts("views")[name]

    assert text.startswith("-- One row per ")
    assert re.search(rf"create or replace (view {name} as|macro {name}\()", text)


def test_views_and_their_order_are_the_same() -> None:
    """Every view is created, once."""
    assert sorted(sql.order("views")) == sorted(sql.texts("views"))


def test_migrations_are_numbered_without_gaps() -> None:
    """0001_..., 0002_...: each once."""
    numbers = [int(re.match(r"(\d{4})_[a-z0-9_]+$", name)[1]) for name in sql.texts("tables")]

    assert numbers == list(range(1, len(numbers) + 1))
