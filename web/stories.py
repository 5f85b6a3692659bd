"""The stories of ``sample_data``: where they lie, what they hold, moved to end when asked.

A story's folder has one file a signal (``traces.otlp.pb.gz``, ``logs...``, ``metrics...``) of
length-delimited exports, and ``requests.jsonl.gz`` of what senders without OTLP post; whichever it
has, in order of arrival.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.batch import Signal
from collector.errors import SettingsError
from web import captures
from web.captures import Recorded, times_in
from web.posts import Post

# In a wheel the stories lie inside the package, in a checkout beside it.
_PLACES: Final = (
    Path(__file__).parent / "_sample_data",
    Path(__file__).parent.parent / "sample_data",
)
_CAPTURES: Final = (*(f"{signal.value}.otlp.pb.gz" for signal in Signal), "requests.jsonl.gz")
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Story:
    """One situation, recorded or written."""

    name: str
    title: str
    folder: Path

    def requests(self) -> Iterator[tuple[Signal, bytes]]:
        """All OTLP exports; within a signal in order of arrival, between signals by their times."""
        return (each for each in self.everything() if not isinstance(each, Post))

    def posts(self) -> Iterator[Post]:
        """The requests of senders without OTLP, in order of arrival."""
        return (each for each in self.everything() if isinstance(each, Post))

    def everything(self) -> Iterator[Recorded]:
        """Exports and other requests, by their times."""
        return (recorded for _, recorded in self._timeline())

    def time_range(self) -> tuple[int, int]:
        """The first and the last time in the story, in ns."""
        every = [at_ns for recorded in self.everything() for at_ns in times_in(recorded)]
        return min(every), max(every)

    def _timeline(self) -> Iterator[tuple[int, Recorded]]:
        paths = [self.folder / name for name in _CAPTURES]
        streams = [_stream(path) for path in paths if path.is_file()]
        return heapq.merge(*streams, key=lambda entry: entry[0])


def stories() -> list[Story]:
    """All stories by name.

    Raises:
        SettingsError: this installation carries none.
    """
    place = next((place for place in _PLACES if place.is_dir()), None)
    if place is None:
        raise SettingsError("this installation has no sample data: install the wheel as released")
    captured = {path.parent for name in _CAPTURES for path in place.glob(f"*/{name}")}
    return [_story(folder) for folder in sorted(captured)]


def shifted_requests(*, until_ns: int) -> list[Recorded]:
    """The requests of all stories in order of time, each story moved so that it ends then.

    Stories move by whole milliseconds, the finest that senders without OTLP write.
    """
    shifted = [_moved(story, until_ns) for story in stories()]
    return [each for _, each in heapq.merge(*shifted, key=lambda entry: entry[0])]


def _moved(story: Story, until_ns: int) -> Iterator[tuple[int, Recorded]]:
    timeline = list(story._timeline())
    delta_ns = until_ns - max(at_ns for at_ns, _ in timeline)
    delta_ns -= delta_ns % _NS_PER_MS
    for at_ns, recorded in timeline:
        yield at_ns + delta_ns, captures.moved(recorded, delta_ns)


def _stream(path: Path) -> Iterator[tuple[int, Recorded]]:
    """The requests of one capture, each with the latest time seen up to it."""
    latest_ns = 0
    for recorded in captures.read(path):
        latest_ns = max(latest_ns, *times_in(recorded))
        yield latest_ns, recorded


def _story(folder: Path) -> Story:
    """A story's title is the heading of its README."""
    first_line = (folder / "README.md").read_text(encoding="utf-8").split("\n", 1)[0]
    return Story(folder.name, first_line.removeprefix("# ").strip(), folder)
