"""Reads any file that can be sent to a collector: OTLP exports, or whole requests of others."""

from collections.abc import Iterator
from pathlib import Path

from collector.batch import Signal
from web import otlp_files, posts
from web.aws_files import AwsFile
from web.posts import Post
from web.shifting import shifted, times
from web.shifting_posts import shifted_post, times_of_post

Recorded = tuple[Signal, bytes] | Post
"""One request: an export as protobuf with its signal, or a POST of a sender without OTLP."""


def read(
    path: Path, signal: Signal | None = None, aws: AwsFile | None = None
) -> Iterator[Recorded]:
    """The requests of one file, in order; ``aws`` is told what of a file of AWS's is skipped.

    Raises:
        Malformed: the file is of no known format, or is cut short; says where.
    """
    return posts.read(path) if posts.holds_posts(path) else otlp_files.read(path, signal, aws)


def times_in(recorded: Recorded) -> Iterator[int]:
    """Every time the request holds, in ns; unset ones left out."""
    return times_of_post(recorded) if isinstance(recorded, Post) else times(*recorded)


def moved(recorded: Recorded, delta_ns: int) -> Recorded:
    """The request with every time moved by ``delta_ns``, whole milliseconds."""
    if isinstance(recorded, Post):
        return shifted_post(recorded, delta_ns)
    signal, body = recorded
    return signal, shifted(signal, body, delta_ns)
