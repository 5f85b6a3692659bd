"""Reads what a function writes: plain lines on stdout, and the framed log pipe of the runtime.

Lambda gives managed runtimes a pipe (`_LAMBDA_TELEMETRY_LOG_FD`) on which every log event, of
however many lines, is one frame: type (4 bytes), length (4), time in microseconds (8), text.
"""

import struct
from collections.abc import Callable
from typing import BinaryIO

HEADER = struct.Struct(">IIQ")
Say = Callable[[str], None]


def read_frames(pipe: BinaryIO, say: Say) -> None:
    """Tells every framed log event until the writer's end closes."""
    while header := pipe.read(HEADER.size):
        if len(header) < HEADER.size:
            return
        _, length, _ = HEADER.unpack(header)
        text = pipe.read(length).decode("utf-8", "replace")
        if text.strip():
            say(text.rstrip("\n"))


def read_lines(pipe: BinaryIO, say: Say) -> None:
    """Tells every line of stdout; a line is a log event there."""
    for line in pipe:
        text = line.decode("utf-8", "replace").rstrip("\n")
        if text.strip():
            say(text)
