"""The recorded stories of ``sample_data``: where they lie, what they hold, moved to end when asked.

A story's folder has one file a signal (``traces.otlp.pb.gz``, ``logs...``, ``metrics...``) of
length-delimited exports as real exporters sent them, in order of arrival.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.batch import Signal
from collector.errors import SettingsError
from web import otlp_files
from web.shifting import shifted, times

# In a wheel the stories lie inside the package, in a checkout beside it.
_PLACES: Final = (
    Path(__file__).parent / "_sample_data",
    Path(__file__).parent.parent / "sample_data",
)
_CAPTURE: Final = "{signal}.otlp.pb.gz"


@dataclass(frozen=True, slots=True)
class Story:
    """One recorded situation."""

    name: str
    title: str
    folder: Path

    def requests(self) -> Iterator[tuple[Signal, bytes]]:
        """All exports; within a signal in order of arrival, between signals by their times."""
        return ((signal, body) for _, signal, body in self._timeline())

    def time_range(self) -> tuple[int, int]:
        """The first and the last time in the story, in ns."""
        every = [at_ns for signal, body in self.requests() for at_ns in times(signal, body)]
        return min(every), max(every)

    def _timeline(self) -> Iterator[tuple[int, Signal, bytes]]:
        streams = [self._stream(signal) for signal in Signal]
        return heapq.merge(*streams, key=lambda entry: entry[0])

    def _stream(self, signal: Signal) -> Iterator[tuple[int, Signal, bytes]]:
        """The exports of one signal, each with the latest time seen up to it."""
        latest_ns = 0
        path = self.folder / _CAPTURE.format(signal=signal.value)
        for _, body in otlp_files.read(path, signal):
            latest_ns = max(latest_ns, *times(signal, body))
            yield latest_ns, signal, body


def stories() -> list[Story]:
    """All recorded stories by name.

    Raises:
        SettingsError: this installation carries none.
    """
    place = next((place for place in _PLACES if place.is_dir()), None)
    if place is None:
        raise SettingsError("this installation has no sample data: install the wheel as released")
    captured = sorted(place.glob("*/" + _CAPTURE.format(signal=Signal.TRACES.value)))
    return [_story(path.parent) for path in captured]


def shifted_exports(*, until_ns: int) -> list[tuple[Signal, bytes]]:
    """The exports of all stories in order of time, each story moved so that it ends then."""
    moved = [_moved(story, until_ns) for story in stories()]
    return [(signal, body) for _, signal, body in heapq.merge(*moved, key=lambda entry: entry[0])]


def _moved(story: Story, until_ns: int) -> Iterator[tuple[int, Signal, bytes]]:
    timeline = list(story._timeline())
    delta_ns = until_ns - max(at_ns for at_ns, _, _ in timeline)
    for at_ns, signal, body in timeline:
        yield at_ns + delta_ns, signal, shifted(signal, body, delta_ns)


def _story(folder: Path) -> Story:
    """A story's title is the heading of its README."""
    first_line = (folder / "README.md").read_text(encoding="utf-8").split("\n", 1)[0]
    return Story(folder.name, first_line.removeprefix("# ").strip(), folder)
