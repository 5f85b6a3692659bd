"""Inflates request bodies piece by piece, so that a bomb is refused before it costs memory.

Encodings: ``gzip`` (several members too), ``zstd`` (several frames), ``deflate`` (the zlib format
RFC 9110 means, and the raw one some clients send) and ``identity``, undone in the reverse of the
header's order. Each piece is checked against the limit and reserved before the next is made.
"""

import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Final, Protocol

from collector.errors import Malformed, TooLarge, UnsupportedEncoding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS: Final = ("gzip", "zstd", "deflate")

_ALIASES: Final = {"x-gzip": "gzip", "zlib": "deflate"}

# One piece of output: what a bomb can make us hold beyond the limit.
_PIECE_BYTES: Final = 1024**2

# Input handed over at a time: decompressors copy what they leave unread, so whole bodies at a
# time would cost the square of the number of pieces.
_SLICE_BYTES: Final = 64 * 1024

# Streams are concatenated by few senders, and a body of empty ones is work without output.
_MAX_STREAMS: Final = 1024

# More layers than any sender has a reason for; each multiplies the work of a hostile body.
_MAX_LAYERS: Final = 2

# A frame may ask for a window of gigabytes; 8 MiB is what RFC 8878 tells decoders to support.
_ZSTD_OPTIONS: Final[dict[int, int]] = {zstd.DecompressionParameter.window_log_max: 23}


def encodings_of(header: bytes) -> list[str]:
    """The encodings to undo, in that order, for a ``Content-Encoding`` header.

    Raises:
        UnsupportedEncoding: one of them is unknown, or there are too many.
    """
    if not header:
        return []
    names = [name.strip().lower() for name in header.decode("latin-1").split(",")]
    layers = [_ALIASES.get(name, name) for name in names if name not in ("", "identity")]
    for name in layers:
        if name not in ENCODINGS:
            raise UnsupportedEncoding(
                f"unsupported Content-Encoding: {name[:40]}; use one of {', '.join(ENCODINGS)}"
            )
    if len(layers) > _MAX_LAYERS:
        raise UnsupportedEncoding(f"more than {_MAX_LAYERS} layers of Content-Encoding")
    return layers[::-1]


def inflate(
    body: bytes, encodings: list[str], limit_bytes: int, reserve: Callable[[int], None]
) -> bytes:
    """Undoes ``encodings``; ``reserve`` is told the bytes of each piece as it is made.

    Raises:
        TooLarge: the output passes ``limit_bytes``.
        Malformed: the input is damaged or ends early.
        Overloaded: from ``reserve``, when there is no room for the output.
    """
    for encoding in encodings:
        pieces, size = [], 0
        for piece in _pieces(memoryview(body), encoding):
            size += len(piece)
            if size > limit_bytes:
                raise TooLarge(f"the body is over {limit_bytes} bytes after decompression")
            reserve(len(piece))
            pieces.append(piece)
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return body


def _pieces(body: memoryview, encoding: str) -> Iterator[bytes]:
    streams = 0
    while streams == 0 or body:
        if streams == _MAX_STREAMS or (streams and encoding == "deflate"):
            raise Malformed(f"the {encoding} body goes on after its end")
        streams += 1
        try:
            body = yield from _stream(body, _decompressor(encoding, body))
        except (zlib.error, zstd.ZstdError) as error:
            raise Malformed(f"the body is not {encoding}: {error}") from error


def _decompressor(encoding: str, body: memoryview) -> "_Decompressor":
    if encoding == "zstd":
        return zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
    if encoding == "gzip":
        return _Zlib(wbits=zlib.MAX_WBITS | 16)
    return _Zlib(wbits=zlib.MAX_WBITS if _has_zlib_header(body) else -zlib.MAX_WBITS)


def _has_zlib_header(body: memoryview) -> bool:
    """RFC 1950: the method is 8 and the first two bytes are a multiple of 31."""
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


class _Decompressor(Protocol):
    """One compressed stream, as ``compression.zstd`` and our zlib adapter present it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: memoryview, max_length: int, /) -> bytes: ...


class _Zlib:
    """zlib's decompressor, keeping what it has not read to itself as zstd's does."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: memoryview, max_length: int, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail or data, max_length)


def _stream(body: memoryview, inner: _Decompressor) -> Generator[bytes, None, memoryview]:
    """Yields what one compressed stream holds; returns the input after its end."""
    position = 0
    while not inner.eof:
        hungry = inner.needs_input
        given = body[position : position + _SLICE_BYTES] if hungry else body[:0]
        position += len(given)
        piece = inner.decompress(given, _PIECE_BYTES)
        if piece:
            yield piece
        elif hungry and not given and not inner.eof:
            raise Malformed("the compressed body ends early")
    return body[position - len(inner.unused_data) :]
