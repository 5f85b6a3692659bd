"""The Arrow schemas of collector.columns are the tables, column by column."""

from pathlib import Path

import duckdb
import pytest

from collector.columns import TABLES
from tests.store import build


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every table of a new store."""
    database = build.open_database(tmp_path_factory.mktemp("columns"))
    rows = database.read(
        lambda cursor: cursor.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where schema_name = 'main' and not internal order by table_name, column_index"
        ).fetchall()
    )
    database.close()
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in rows:
        tables.setdefault(table, []).append((column, kind))
    return tables


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_its_arrow_schema(
    described: dict[str, list[tuple[str, str]]], name: str
) -> None:
    """Same columns, same order, and the types DuckDB gives the Arrow ones."""
    connection = duckdb.connect()
    connection.register("incoming", build.table(TABLES[name], [{}]))
    rows = connection.execute("describe select * from incoming").fetchall()
    connection.close()

    assert described[name] == [(row[0], row[1]) for row in rows]


def test_rows_survive_the_store(tmp_path: Path) -> None:
    """What is inserted by name comes back equal, for every table and type."""
    database = build.open_database(tmp_path)
    for name, schema in TABLES.items():
        rows = build.table(schema, [{}, build.example(schema)])
        database.write(
            lambda cursor, name=name, rows=rows: (
                cursor.register("incoming", rows),
                cursor.execute(f"insert into {name} by name select * from incoming").fetchall(),
                cursor.unregister("incoming"),
            )
        )
        back = database.read(
            lambda cursor, name=name: cursor.execute(f"select * from {name}").fetchall()
        )
        assert back[0] == (None,) * len(schema)
        assert None not in back[1]
    database.close()


def test_every_table_says_what_a_row_is(tmp_path: Path) -> None:
    """A person at a DuckDB shell can read what they look at."""
    database = build.open_database(tmp_path)
    comments = database.read(
        lambda cursor: cursor.execute(
            "select table_name, comment from duckdb_tables() where not internal"
        ).fetchall()
    )
    database.close()

    assert [name for name, comment in comments if not (comment or "").startswith("One row")] == []
    assert set(TABLES) < {name for name, _ in comments}


def test_no_table_has_a_key_or_an_index(tmp_path: Path) -> None:
    """A key costs 94 bytes a span, and replaying indexes is where DuckDB files have broken."""
    database = build.open_database(tmp_path)
    found = database.read(
        lambda cursor: cursor.execute(
            "select (select count(*) from duckdb_indexes()), (select count(*) from"
            " duckdb_constraints())"
        ).fetchall()
    )
    database.close()

    assert found == [(0, 0)]
