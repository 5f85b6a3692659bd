"""Costs on every page, from telemetry sent as functions send it: totals, advice, prices, files."""

import csv
import html
import io
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from collector.settings import CostSettings, FunctionSettings, PriceSettings
from tests.build import export_request, log
from tests.web import health_telemetry, telemetry
from tests.web.serving import Web
from web import formats

HTMX = {"HX-Request": "true"}
MINUTE_NS = 60_000_000_000
OWN = PriceSettings(provider="aws", product="lambda", item="requests", usd=Decimal("0.00000019"))
PAGES = [
    "/costs",
    "/costs/chart",
    "/costs/events",
    "/costs/advice",
    "/costs/prices",
    "/costs/functions/payment",
]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, stopped_clock: int) -> Iterator[Web]:
    """The shop's last hour and hostile names, with a price and budgets of one's own."""
    served = Web(
        tmp_path_factory.mktemp("shop"),
        costs=CostSettings(budget_usd=Decimal("0.00000001")),
        functions=(FunctionSettings(match="pay*", budget_usd=Decimal(100)),),
        prices=(OWN,),
    )
    served.send(*health_telemetry.everything(stopped_clock))
    served.send(*telemetry.hostile(stopped_clock - 3 * MINUTE_NS))
    yield served
    served.stop()


def _text(web: Web, path: str, **headers: str) -> str:
    answer = web.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def _words(text: str) -> str:
    """What a person reads of it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _rows(text: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", text)


def _row(text: str, name: str) -> str:
    return next(row for row in _rows(text) if f'/{name}"' in row or f"/{name}?" in row)


def _row_of(text: str, words: str) -> str:
    return next(row for row in _rows(text) if words in row)


def _names(text: str) -> list[str]:
    table = text[text.index('id="table"') :]
    return re.findall(r'<a class="main-link" href="/(?:functions|queues)/([\w-]+)"', table)


# Costs


def test_the_total_is_that_of_the_api_and_of_the_file(web: Web) -> None:
    """The rows of the file add up to it too."""
    total = web.get("/costs")["total"]["cost_usd"]
    rows = list(csv.DictReader(io.StringIO(web.client.get("/costs/export.csv").text)))

    assert f"{formats.money(total)}</a>" in _text(web, "/costs")
    assert float(rows[-1]["cost_usd"]) == pytest.approx(total)
    assert sum(float(row["cost_usd"] or 0) for row in rows[:-1]) == pytest.approx(total)


def test_files_are_told_by_function_day_and_path(web: Web) -> None:
    """Under a name that says so; anything else is refused with what there is."""
    for by in ("function", "day", "event_shape"):
        answer = web.client.get(f"/costs/export.csv?by={by}&since=-2h")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert f"costs-by-{by.replace('_', '-')}-2h.csv" in answer.headers["content-disposition"]
    assert web.client.get("/costs/export.csv?by=planet").status_code == 400


def test_the_dearest_come_first_and_headings_sort(web: Web) -> None:
    """What is unknown comes last either way."""
    told = [row["key"] for row in web.get("/costs")["costs"] if row["cost_usd"]]
    known = [name for name in told if re.fullmatch(r"[\w-]+", name)]

    assert _names(_text(web, "/costs"))[:3] == known[:3]
    assert _names(_text(web, "/costs?sort=-cost"))[:3] == known[:-4:-1]
    assert _names(_text(web, "/costs?sort=name&q=r"))[0] == "orders-q"
    assert web.client.get("/costs?sort=luck").status_code == 400
    assert web.client.get("/costs?page=x").status_code == 400


def test_a_search_narrows_the_table_alone(web: Web) -> None:
    """The total stays that of everything."""
    found = _text(web, "/costs?q=PAYM")

    assert _names(found) == ["payment"]
    assert f"{formats.money(web.get('/costs')['total']['cost_usd'])}</a>" in found
    assert "has this in its name" in _text(web, "/costs?q=nowhere")


def test_every_assumption_is_on_the_page_with_its_remedy(web: Web) -> None:
    """Of the rows of the API, each sentence once; those that leave something out are marked."""
    said = {each["text"] for each in web.get("/costs")["total"]["assumptions"]}
    shown = _words(_text(web, "/costs"))

    assert all(text in shown for text in said if "no price is known" not in text)
    assert "leaves out no price is known of what sends these messages" in shown
    assert 'architecture = "arm64"' in shown


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/costs/events", {"by": "event_shape"}),
        ("/costs/events?attribute=tenant", {"by": "correlation", "attribute": "tenant"}),
    ],
)
def test_every_assumption_of_event_traces_is_on_their_page(
    web: Web, path: str, asked: dict[str, str]
) -> None:
    """By path and by value of an attribute, of each row."""
    rows = web.get("/costs", **asked)["costs"]
    said = {each["text"] for row in rows for each in row["assumptions"]}
    shown = _words(_text(web, path))

    assert said
    assert all(text in shown for text in said if "no price is known" not in text)


def test_unit_costs_are_of_all_it_cost(web: Web) -> None:
    """For each success, and for each event trace that began."""
    total = web.get("/costs")["total"]
    count = len(web.get("/event-traces", limit=1000)["event_traces"])
    text = _words(_text(web, "/costs"))

    assert formats.per_million(total["cost_per_success_usd"]) in text
    assert f"{formats.per_million(total['cost_usd'] / count)} {count} began" in text


def test_the_charts_come_after_the_page_with_their_figures(web: Web) -> None:
    """Without scripts a link leads to them."""
    page, chart = _text(web, "/costs"), _text(web, "/costs/chart", **HTMX)

    assert 'hx-get="/costs/chart"' in page
    assert 'href="/costs/chart#figures"' in page
    assert chart.count("data-figure=") == 2
    assert "Per million event traces" in _words(chart)
    assert len(_rows(chart)) > 20


def test_a_queue_without_a_price_is_unknown(web: Web) -> None:
    """With the reason, and not free."""
    row = next(row for row in _rows(_text(web, "/costs?q=script")) if "/queues/" in row)

    assert "unknown" in _words(row)
    assert "no price is known of" in row
    assert "$0" not in _words(row)


def test_what_failed_is_told_as_not_useful(web: Web) -> None:
    """Three orders whose payment failed three times."""
    text = _words(_text(web, "/costs"))

    assert "failed work first attempts that failed" in text
    assert "retries further attempts that failed again" in text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_costs_is_small(web: Web, path: str) -> None:
    """At most 150 kB."""
    assert len(web.client.get(path).content) <= 150_000


def test_without_anything_billed_the_page_says_what_would_be_here(web: Web) -> None:
    """And leads to a range that has more."""
    range_ = "since=2026-01-01T00:00:00Z&until=2026-01-01T01:00:00Z"

    assert "Nothing was billed here" in _text(web, f"/costs?{range_}")
    assert "tells what it was billed for" in _text(web, f"/costs/functions/payment?{range_}")
    assert "No event trace of the" in _text(web, f"/costs/events?{range_}")


# Event traces


def test_paths_lead_to_their_dearest_event_traces(web: Web) -> None:
    """A path has what an event trace of it costs on average."""
    text = _text(web, "/costs/events")
    row = next(row for row in _rows(text) if "checkout" in row and "payment" in row)

    assert re.search(r"/events\?shape=[0-9a-f]{16}&amp;sort=cost", row)
    assert re.search(
        r"checkout orders-q payment useful work .*~\$[\d.]+ [\d.]+ % \d+ \$[\d.]+$", _words(row)
    )


def test_costs_are_told_by_any_attribute(web: Web) -> None:
    """An order leads to its event traces; one that is nowhere says what to name."""
    text = _text(web, "/costs/events?attribute=order.id")

    assert "q=order.id%3Dord-4" in text
    assert "no value, or beyond those listed" in text
    assert "No event trace of the" in _text(web, "/costs/events?attribute=planet")


def test_asked_for_by_htmx_only_the_panel_comes(web: Web) -> None:
    """Of the paths and of the suggestions: what the page Costs shows of them."""
    for path in ("/costs/events", "/costs/advice", "/costs/functions/payment"):
        text = _text(web, path, **HTMX)
        assert text.startswith("<header>")
        assert "<nav" not in text


# What to change, prices


def test_the_month_is_held_against_its_budgets(web: Web) -> None:
    """All together over it, the functions of a pattern within theirs."""
    text = _text(web, "/costs/advice")

    assert "will cost about $" in text
    assert "unknown" not in _words(_row_of(text, "all functions together"))
    assert 'class="badge bad"' in _row_of(text, "all functions together")
    assert "within" in _row_of(text, "pay*")
    assert "over the budget by" in _text(web, "/costs/advice", **HTMX)


def test_suggestions_are_those_of_the_api(web: Web) -> None:
    """Each with its saving, its evidence and what to do; estimates say so."""
    advice = web.get("/costs/advice", since="-1h")
    text = _words(_text(web, "/costs/advice"))

    assert advice["suggestions"] or "Nothing in this range shows a way to save" in text
    for each in advice["suggestions"]:
        assert each["title"] in text
        assert each["action"][1:] in text


def test_prices_say_their_source_and_what_is_not_verified(web: Web) -> None:
    """One's own come with a mark; those that count in the range are told."""
    text = _text(web, "/costs/prices")
    unverified = sum(not each["verified"] for each in web.get("/prices")["prices"])

    assert f"{unverified} of them not verified" in _words(text)
    assert "1 of your settings" in _words(text)
    own = _text(web, "/costs/prices?only=yours")
    assert "$0.19" in own
    assert "yours" in own
    assert len(re.findall("not verified</span>", _text(web, "/costs/prices?only=unverified"))) == (
        unverified
    )
    assert "used</span>" in _text(web, "/costs/prices?only=used")
    assert web.client.get("/costs/prices?only=cheap").status_code == 400


# Where else costs are


def test_the_tile_of_the_overview_comes_after_the_page(web: Web) -> None:
    """Without scripts it leads to Costs."""
    overview = _text(web, "/")
    tile = _text(web, "/costs/tile", **HTMX)

    assert 'hx-get="/costs/tile"' in overview
    assert 'class="tile" href="/costs"' in overview
    assert tile.startswith('<a class="tile')
    assert "per million successes" in tile
    assert 'class="spark' in tile


def test_functions_have_their_cost_and_are_sorted_by_it(web: Web) -> None:
    """What is unknown comes last either way."""
    text = _text(web, "/functions?sort=cost")
    by_cost = re.findall(r'<td class="wide"><a class="main-link" href="/functions/([\w-]+)"', text)
    known = [row["key"] for row in web.get("/costs")["costs"] if row["kind"] == "function"]

    assert by_cost[:3] == known[:3]
    assert "~$0.0" in _words(_row(text, "payment"))


def test_a_function_has_its_costs_by_part_and_version(web: Web) -> None:
    """The page of the function asks for them when it is there."""
    text = _words(_text(web, "/costs/functions/payment"))

    assert "Not useful work" in text
    assert "By version Version Cost Invocations Per million successes" in text
    assert re.search(r" 18 ~\$0\.0\d+ ", text)
    assert 'hx-get="/costs/functions/payment"' in _text(web, "/functions/payment")


def test_event_traces_have_their_cost_and_are_sorted_by_it(web: Web) -> None:
    """Those that were tried three times are the dearest; the page says what each part cost."""
    text = _text(web, "/events?sort=cost")
    first = _rows(text)[1]
    path = re.findall(r'href="(/events/[0-9a-f]{16})', first)[0]
    event = _text(web, f"{path}/cost", **HTMX)

    assert "dead-lettered" in first or "error" in first
    assert f'hx-get="{path}/cost"' in _text(web, path)
    assert re.search(r"; it cost ~\$0\.0\d+", _words(event))
    assert re.search(r"; it cost ~\$0\.0\d+", _words(_text(web, f"{path}/export.html")))
    part = next(row for row in _rows(event) if "3 invocations, 3 failed" in row)
    assert "/functions/payment" in part
    assert "fees of its messages" in event


def test_hostile_names_are_text_on_every_page_of_costs(web: Web) -> None:
    """In tables, titles, remedies and charts."""
    for path in (*PAGES, "/costs/events?attribute=%22%3E%3Cscript%3Ex", "/costs?q=%22%3E%3Cb%3E"):
        text = web.client.get(path).text
        assert "<script>window" not in text
        assert "<img src=x" not in text
        assert "<script>x" not in text
        assert '"><b>' not in text


def test_more_rows_than_a_page_holds_are_turned(tmp_path: Path) -> None:
    """The second page begins where the first ends, and the total is that of all."""
    web = Web(tmp_path)
    try:
        _many(web, 35)
        first, second = _names(_text(web, "/costs")), _names(_text(web, "/costs?page=2"))
    finally:
        web.stop()

    assert (len(first), len(second)) == (30, 5)
    assert len({*first, *second}) == 35


def _many(web: Web, count: int) -> None:
    now_ns = time.time_ns()
    for number in range(count):
        text = (
            f"REPORT RequestId: 00000000-0000-4000-8000-{number:012d}\tDuration: 100.00 ms\t"
            "Billed Duration: 100 ms\tMemory Size: 512 MB\tMax Memory Used: 100 MB\t"
        )
        record = log(text, time_ns=now_ns - MINUTE_NS)
        web.send(export_request(record, resource=health_telemetry.function(f"f-{number}")))
