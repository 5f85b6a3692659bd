"""A written story's captures: what its ``make.py`` gives, and the files it becomes."""

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sample_data.recorder.captures import write_delimited, write_lines

from .aws import Post, compact

SAMPLE_DATA: Final = Path(__file__).parent.parent


@dataclass
class Captures:
    """Exports by signal and other requests, each in order of arrival."""

    traces: list[Any] = field(default_factory=list)
    logs: list[Any] = field(default_factory=list)
    metrics: list[Any] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def bodies(self, signal: str) -> list[bytes]:
        """The exports of one signal as they go over the wire."""
        exports: Sequence[Any] = getattr(self, signal)
        return [export.SerializeToString(deterministic=True) for export in exports]

    def lines(self) -> list[str]:
        """The other requests, one JSON object a line."""
        return [compact(post) for post in self.posts]


def made(story: str) -> Captures:
    """Runs ``sample_data/<story>/make.py``; the same captures every time."""
    path = SAMPLE_DATA / story / "make.py"
    # The folder's name need not be a Python name; what lies beside make.py is imported as `.name`.
    name = f"written_{story.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=[str(path.parent)]
    )
    if spec is None or spec.loader is None or not path.exists():
        raise SystemExit(f"no written story {story!r}: expected {path}")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    captures: Captures = module.captures()
    return captures


def write(story: str) -> None:
    """Rewrites the story's captures; a signal it has nothing of gets no file."""
    captures = made(story)
    for signal in ("traces", "logs", "metrics"):
        if bodies := captures.bodies(signal):
            write_delimited(SAMPLE_DATA / story / f"{signal}.otlp.pb.gz", bodies)
    if lines := captures.lines():
        write_lines(SAMPLE_DATA / story / "requests.jsonl.gz", lines)
