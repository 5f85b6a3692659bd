"""Rows of costs as CSV, for a spreadsheet: exact amounts, and nothing a spreadsheet would run."""

import csv
import io
import re
from decimal import Decimal
from typing import Final

from collector.model.cost import CostReport, CostRow
from web import spending
from web.urls import Range

_COLUMNS: Final = (
    "kind", "key", "name", "cost_usd", "is_floor",
    *(kind.field for kind in spending.KINDS),
    "invocations", "successes", "event_traces", "per_invocation_usd", "per_success_usd",
    "per_event_trace_usd", "evidence", "assumptions",
)  # fmt: skip
_RUN: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: Excel and LibreOffice take the rest for a formula."""


def text_of(report: CostReport) -> str:
    """The rows and their total, with a line of names; unknown is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in (*report.rows, report.total):
        writer.writerow(_cells(row))
    return out.getvalue()


def name_of(by: str, span: Range) -> str:
    """``costs-by-function-24h.csv``: only what any file system takes."""
    told = re.sub(r"[^\w.]+", "-", f"{span.since}-{span.until}".removesuffix("-now")).strip("-")
    return f"costs-by-{by.replace('_', '-')}-{told}.csv"


def _cells(row: CostRow) -> list[str]:
    cost = row.cost
    known = cost.is_told
    return [
        row.kind,
        _text(row.key),
        _text(row.label),
        _money(cost.usd) if known else "",
        "yes" if cost.is_floor else "no",
        *(_money(getattr(cost.split, kind.field)) if known else "" for kind in spending.KINDS),
        f"{row.invocation_count:g}",
        f"{row.success_count:g}",
        "" if row.event_count is None else str(row.event_count),
        _money(row.per_invocation_usd),
        _money(row.per_success_usd),
        _money(row.per_event_usd),
        row.evidence,
        _text("; ".join(each.text for each in cost.assumptions)),
    ]


def _money(usd: Decimal | None) -> str:
    """Fifteen digits, as many as a spreadsheet holds; never an exponent."""
    return "" if usd is None else f"{Decimal(f'{usd:.14e}').normalize():f}"


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_RUN) else value
