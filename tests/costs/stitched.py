"""A store whose deriver and stitcher are stepped by hand, and what its telemetry cost."""

from pathlib import Path
from typing import Final

from collector.derive.judging import judging
from collector.derive.stitcher import Stitcher
from collector.model.cost import CostReport, CostRow
from collector.model.costs.book import make_book
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.settings import Settings
from collector.store.queries.costs import read_costs
from collector.store.queries.event_costs import read_value_costs
from tests.health.derived import MINUTE, T0_NS, DerivedStore, Row, span

HOUR: Final = 60 * MINUTE
AROUND: Final = Window(T0_NS - HOUR, T0_NS + HOUR)
PRICING: Final = Pricing(make_book())
QUEUE: Final = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"


def uuid(number: int) -> str:
    """An id that is unique anywhere."""
    return f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}"


class StitchedStore(DerivedStore):
    """Derives and stitches what it takes."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        settings = Settings(db=directory / "data.duckdb")
        self.stitcher = Stitcher(self.database, self.writer, judging(settings))

    def take(self, *rows: Row) -> None:
        super().take(*rows)
        while self.stitcher.step():
            pass

    def costs(
        self, by: str = "function", pricing: Pricing = PRICING, window: Window = AROUND
    ) -> CostReport:
        """The report of the window around the telemetry."""
        return self.database.read(lambda cursor: read_costs(cursor, window, pricing, by=by))

    def values(self, attribute: str, pricing: Pricing = PRICING) -> CostReport:
        """The same by values of an attribute."""
        return self.database.read(
            lambda cursor: read_value_costs(cursor, AROUND, pricing, attribute)
        )


def said(**attributes: str) -> list[dict[str, str]]:
    """Attributes as they are stored; ``__`` stands for a dot."""
    return [{"key": key.replace("__", "."), "value": value} for key, value in attributes.items()]


def sent(number: int, at_s: float, trace: int, **attributes: str) -> Row:
    """A producer span that puts a message on the queue."""
    return span(
        at_s, 0.01, kind=4, name="send", span_id=100 + number, trace_id=trace.to_bytes(16, "big"),
        invocation_id=None, destination=QUEUE, message_id=uuid(number),
        attributes=said(messaging__system="aws_sqs", **attributes),
    )  # fmt: skip


def taken(number: int, at_s: float, trace: int, **more: object) -> Row:
    """An invocation that takes the message."""
    fields = {
        "kind": 5, "span_id": 200 + number, "trace_id": trace.to_bytes(16, "big"),
        "invocation_id": uuid(1000 + number), "trigger": "pubsub", "destination": QUEUE,
        "message_id": uuid(number), "attributes": said(messaging__system="aws_sqs"),
    }  # fmt: skip
    return span(at_s, 0.1, **(fields | more))


def codes(row: CostRow) -> set[str]:
    """Codes of what a row takes for granted."""
    return {each.code for each in row.cost.assumptions}


def rows_of(report: CostReport, kind: str) -> list[CostRow]:
    """The rows of a kind."""
    return [row for row in report.rows if row.kind == kind]
