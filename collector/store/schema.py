"""Brings a database file to the schema of this build: version check first, then tables, then views.

Tables migrate: numbered files that are never edited once released, each in a transaction with
its row in ``schema_version``. Views are code: re-created, in the order of ``views/_order``, when
they were made from other texts or over another schema. Else opening writes nothing, so that a file
on a full disk can be read.
"""

import hashlib
from pathlib import Path
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.errors import StoreError, StoreTooNew
from collector.store import sql

_MIGRATIONS: Final = {int(name[:4]): text for name, text in sql.texts("tables").items()}
VERSION: Final = max(_MIGRATIONS)


def prepare(cursor: Cursor, path: Path) -> None:
    """Checks the version, then runs what is missing; ``path`` is for the messages.

    Raises:
        StoreTooNew: the file has had migrations this build does not know.
        StoreError: the file is a DuckDB database of something else.
    """
    version = _version(cursor, path)
    if version > VERSION:
        raise StoreTooNew(
            f"{path} has schema {version}, this build knows {VERSION}: "
            "upgrade Lockstitch, or start with another file (--db)"
        )
    for number in sorted(_MIGRATIONS):
        if number > version:
            _migrate(cursor, number)
    texts = sql.texts("views")
    views = [texts[name] for name in sql.order("views")]
    digest = hashlib.sha256("\0".join((str(VERSION), *views)).encode()).hexdigest()
    if cursor.execute("select digest from view_texts").fetchall() != [(digest,)]:
        _create_views(cursor, views, digest)


def _create_views(cursor: Cursor, views: list[str], digest: str) -> None:
    """All or none; a view over a missing column fails here."""
    cursor.execute("begin")
    for text in views:
        cursor.execute(text)
    cursor.execute("update view_texts set digest = $digest", {"digest": digest})
    cursor.execute("commit")


def _version(cursor: Cursor, path: Path) -> int:
    tables = {
        name for (name,) in cursor.execute("select table_name from duckdb_tables()").fetchall()
    }
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StoreError(f"{path} is a database of another program: give another file (--db)")
    found = cursor.execute("select max(version) from schema_version").fetchone()
    return int(found[0]) if found and found[0] is not None else 0


def _migrate(cursor: Cursor, number: int) -> None:
    cursor.execute("begin")
    cursor.execute(_MIGRATIONS[number])
    cursor.execute("insert into schema_version (version) values ($number)", {"number": number})
    cursor.execute("commit")
