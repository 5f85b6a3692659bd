"""Writes a story's figures into its README, between two marks; the words around them are ours."""

import re
from pathlib import Path

from .figures import Figures

BEGIN, END = "<!-- figures: written by the recorder -->", "<!-- end of figures -->"


def with_figures(text: str, figures: Figures) -> str:
    """The README's text with its figures replaced."""
    pattern = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no place for figures: add {BEGIN} and {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n{tables(figures)}\n{END}", text)


def update(path: Path, figures: Figures) -> None:
    """Rewrites a README in place."""
    path.write_text(with_figures(path.read_text(), figures))


def tables(figures: Figures) -> str:
    """Two Markdown tables: the totals, and one row a function."""
    minutes = (figures.last_ns - figures.first_ns) / 60e9
    outcomes = ", ".join(f"{count} {name}" for name, count in figures.outcomes.items())
    dead = ", ".join(f"{count} in {queue}" for queue, count in figures.dead_letters.items())
    totals = {
        "business events": f"{figures.events} ({outcomes})",
        "length": f"{minutes:.1f} minutes",
        "spans, traces, span links": f"{figures.spans}, {figures.traces}, {figures.span_links}",
        "log records": figures.log_records,
        "metric points": figures.metric_points,
        "exports (traces, logs, metrics)": ", ".join(map(str, figures.exports.values())),
        "invocations (every attempt counts)": figures.attempts,
        "attempts whose own span never arrived": figures.attempts_without_span,
        "asynchronous retries": figures.async_retries,
        "asynchronous invocations given up": figures.given_up,
        "messages delivered again": figures.redeliveries,
        "largest batch": figures.largest_batch,
        "dead letters": dead,
    }
    rows = ["| figure | value |", "|---|---|"]
    rows += [f"| {name} | {value} |" for name, value in totals.items()]
    rows += ["", "| function | invocations | cold starts | errors | timeouts |"]
    rows += ["|---|---:|---:|---:|---:|"]
    rows += [_row(name, figures) for name in figures.attempts_by_function]
    return "\n".join(rows)


def _row(name: str, figures: Figures) -> str:
    columns = (
        figures.attempts_by_function,
        figures.cold_starts_by_function,
        figures.errors_by_function,
        figures.timeouts_by_function,
    )
    return f"| {name} | " + " | ".join(str(column.get(name, 0)) for column in columns) + " |"
