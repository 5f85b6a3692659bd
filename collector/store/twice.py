"""Keeps a copy of the blocks that a checkpoint overwrites, so that none can end half written.

DuckDB writes data to free blocks, but its metadata over itself: when the power goes meanwhile, the
old header may refer to a block that is partly new, and the file never opens again (so DuckDB 2.0;
measured by mixing both). The copy lies beside the file and is put back only if the header is still
the one it was made under:

    headers 12288 | block size 8 | count 8 | (id 8 | block) * count | crc 4
"""

import os
import struct
import zlib
from pathlib import Path
from typing import Final

import structlog
from duckdb import DuckDBPyConnection as Cursor

from collector.store.segment import sync_directory

SUFFIX: Final = ".blocks"

_HEADERS_BYTES: Final = 3 * 4096
_SIZES: Final = struct.Struct("<qq")
_ID: Final = struct.Struct("<q")
_CRC: Final = struct.Struct("<I")

_log = structlog.get_logger(__name__)


def keep(cursor: Cursor, database: int, copy: Path) -> None:
    """Copies the metadata blocks and the headers of the file; durable on return.

    ``database`` is a descriptor that stays open: closing any takes DuckDB's lock from the file.

    Raises:
        OSError: they cannot be read or written.
    """
    [(size,)] = cursor.execute("select block_size from pragma_database_size()").fetchall()
    ids = cursor.execute("select block_id from pragma_metadata_info()").fetchall()
    parts = [os.pread(database, _HEADERS_BYTES, 0), _SIZES.pack(size, len(ids))]
    for (block_id,) in ids:
        block = os.pread(database, size, _HEADERS_BYTES + block_id * size)
        parts += [_ID.pack(block_id), block.ljust(size, b"\0")]
    data = b"".join(parts)
    with copy.open("wb") as file:
        file.write(data + _CRC.pack(zlib.crc32(data)))
        file.flush()
        os.fsync(file.fileno())
    sync_directory(copy.parent)


def put_back(path: Path, copy: Path) -> bool:
    """Restores the blocks of a checkpoint that did not end; False if that is not what happened."""
    data = copy.read_bytes() if copy.exists() else b""
    body, crc = data[: -_CRC.size], data[-_CRC.size :]
    if not body or _CRC.pack(zlib.crc32(body)) != crc:
        return False
    size, count = _SIZES.unpack_from(body, _HEADERS_BYTES)
    with path.open("r+b") as file:
        if file.read(_HEADERS_BYTES) != body[:_HEADERS_BYTES]:
            return False
        for at in range(count):
            start = _HEADERS_BYTES + _SIZES.size + at * (_ID.size + size)
            (block_id,) = _ID.unpack_from(body, start)
            file.seek(_HEADERS_BYTES + block_id * size)
            file.write(body[start + _ID.size : start + _ID.size + size])
        file.flush()
        os.fsync(file.fileno())
    _log.warning("a checkpoint that did not end is undone; nothing is lost", path=str(path))
    return True
