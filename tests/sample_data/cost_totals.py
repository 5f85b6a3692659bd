"""What a running collector says its stories cost, by every grouping there is."""

from typing import Any, Final

from tests.sample_data.test_event_traces import listed
from tests.web.serving import Web

GROUPS: Final = ("function", "day", "event_shape")


def totals(web: Web, **window: str) -> dict[str, float]:
    """By grouping, and by event trace with what none accounts for: the sum of the rows, USD."""
    assert web.service.stitcher.wait_reached(60)
    assert web.service.deriver.wait_reached(60)
    reports: dict[str, Any] = {by: web.get("/costs", by=by, **window) for by in GROUPS}
    found = {
        by: sum(row["cost_usd"] or 0 for row in report["costs"]) for by, report in reports.items()
    }
    found |= {f"total by {by}": report["total"]["cost_usd"] for by, report in reports.items()}
    outside = [row for row in reports["event_shape"]["costs"] if row["kind"] == "outside"]
    events = sum(event["cost_usd"] or 0 for event in listed(web))
    found["event trace"] = events + sum(row["cost_usd"] or 0 for row in outside)
    return found | {
        f"parts by {by}": sum(report["total"]["split"].values()) for by, report in reports.items()
    }
