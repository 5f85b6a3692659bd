"""Inflating: every format, every kind of damage, and bombs."""

import gzip
import os
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from collector.errors import Malformed, Overloaded, TooLarge, UnsupportedEncoding
from collector.receive.admission import Budget
from collector.receive.decompress import encodings_of, inflate, zstd

MIB = 1024**2


def raw_deflate(body: bytes) -> bytes:
    """Deflate without the zlib format around it, as some senders understand the word."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "gzip": (b"gzip", gzip.compress),
    "zlib": (b"deflate", zlib.compress),
    "raw deflate": (b"deflate", raw_deflate),
    "zstd": (b"zstd", zstd.compress),
}


def undo(header: bytes, body: bytes, limit_bytes: int = 8 * MIB) -> bytes:
    return inflate(body, encodings_of(header), limit_bytes, lambda nbytes: None)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("size", [0, 1, 1700, 3 * MIB + 5])
def test_what_was_packed_comes_back(packer: str, size: int) -> None:
    """Inflating is exact at any size, also across pieces."""
    header, pack = PACKERS[packer]
    body = os.urandom(size // 2) + b"\n" * (size - size // 2)

    assert undo(header, pack(body)) == body


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_streams_in_a_row_are_one_body(packer: str) -> None:
    """gzip members and zstd frames may be joined."""
    header, pack = PACKERS[packer]

    assert undo(header, pack(b"one ") + pack(b"") + pack(b"two")) == b"one two"


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_body_that_ends_early_is_malformed(packer: str, cut: int) -> None:
    """Truncation is found, whatever is missing."""
    header, pack = PACKERS[packer]

    with pytest.raises(Malformed):
        undo(header, pack(os.urandom(100))[:-cut])


@pytest.mark.parametrize("packer", PACKERS)
def test_what_follows_the_end_is_malformed(packer: str) -> None:
    """A body is its compressed stream and nothing else."""
    header, pack = PACKERS[packer]

    with pytest.raises(Malformed):
        undo(header, pack(b"body") + b"and more")


@pytest.mark.parametrize("packer", PACKERS)
def test_a_bomb_costs_no_memory(packer: str) -> None:
    """Output stops at the limit: 64 MiB of zeros never need more than it and a few pieces."""
    header, pack = PACKERS[packer]
    bomb = pack(b"\0" * (64 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            undo(header, bomb, limit_bytes=8 * MIB)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 12 * MIB


def test_a_bomb_inside_a_bomb_is_bounded_by_the_same_limit() -> None:
    """Layers are inflated one after the other, each up to the limit."""
    bomb = gzip.compress(gzip.compress(b"\0" * (64 * MIB)))

    with pytest.raises(TooLarge):
        undo(b"gzip, gzip", bomb, limit_bytes=MIB)


def test_a_frame_that_wants_a_huge_window_is_refused() -> None:
    """The window a zstd frame asks for is memory too."""
    options: dict[int, int] = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    packer = zstd.ZstdCompressor(options=options)
    body = packer.compress(b"x" * 100) + packer.flush()

    with pytest.raises(Malformed):
        undo(b"zstd", body)


def test_thousands_of_empty_streams_are_refused_quickly() -> None:
    """Empty gzip members are work without output: they are counted."""
    started_s = time.thread_time()
    with pytest.raises(Malformed):
        undo(b"gzip", gzip.compress(b"") * 100_000)

    assert time.thread_time() - started_s < 2


def test_output_is_reserved_piece_by_piece() -> None:
    """A body for which there is no room is dropped before it is whole."""
    budget = Budget(4 * MIB)
    other = budget.admit(MIB)
    admission = budget.admit(0)
    with pytest.raises(Overloaded):
        inflate(gzip.compress(b"\0" * 64 * MIB), ["gzip"], 64 * MIB, admission.grow)
    admission.release()
    other.release()

    assert budget.in_flight_bytes == 0


@pytest.mark.parametrize("header", [b"br", b"gzip, br", b"gzip;q=1", b"gzip,gzip,gzip", b"\xff"])
def test_unknown_encodings_are_named_and_refused(header: bytes) -> None:
    """The answer says which ones are spoken here."""
    with pytest.raises(UnsupportedEncoding):
        encodings_of(header)


def test_encodings_are_undone_from_the_last() -> None:
    """The header lists them in the order they were applied; identity is nothing."""
    assert encodings_of(b"GZIP , identity, zstd") == ["zstd", "gzip"]
    assert encodings_of(b"") == encodings_of(b"identity") == []
