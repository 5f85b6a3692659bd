"""Figures, links, assets and charts: what templates are given."""

import pytest

from collector.model.window import Window
from web import addresses, charts, formats, urls
from web.assets import Assets, plotly_stylesheet


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (None, "unknown"),
        (0, "0 s"),
        (812, "812 ns"),
        (1_240_000, "1.24 ms"),
        (41_200_000_000, "41.2 s"),
        (124_000_000_000, "2 min 4 s"),
        (-5_000, "-5 µs"),
    ],
)
def test_durations_have_three_digits_and_a_unit(ns: int | None, text: str) -> None:
    """None is unknown, never zero."""
    assert formats.duration(ns) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "unknown"), (0, "0"), (9_999, "9,999"), (12_345, "12.3 k"), (4_560_000, "4.56 M")],
)
def test_counts_are_exact_while_short(value: int | None, text: str) -> None:
    """Beyond ten thousand three digits do."""
    assert formats.count(value) == text


def test_small_numbers_have_no_exponent() -> None:
    """A person reads 0.0042."""
    assert formats.number(0.0042) == "0.0042"
    assert formats.number(0.00000042) == "0"
    assert formats.ratio(0.031) == "3.1 %"
    assert formats.size(1_300_000) == "1.24 MiB"


def test_absurd_times_are_shown_and_not_an_error() -> None:
    """A sender may say it is the year 90000."""
    assert formats.utc(2**62) == "2116-02-20 23:53:38.427 UTC"
    assert "since 1970" in formats.utc(10**30)


def test_ages_read_as_people_say_them() -> None:
    """The largest unit is enough; after a day the date says more."""
    now_ns = 1_795_186_800_000_000_000

    assert formats.age(now_ns - 2 * 10**9, now_ns) == "just now"
    assert formats.age(now_ns - 250 * 10**9, now_ns) == "4 min ago"
    assert formats.age(now_ns - 90_000 * 10**9, now_ns) == "2026-11-19"


def test_a_function_has_the_same_colour_everywhere() -> None:
    """The hash is pinned: another version must not recolour everybody's functions."""
    assert [formats.tone(name) for name in ("orders", "payment", "")] == [
        formats.tone("orders"),
        formats.tone("payment"),
        formats.tone(None),
    ]
    assert len({formats.tone(f"function-{number}") for number in range(200)}) == 12


def test_links_say_only_what_differs_from_the_default() -> None:
    """A copied link is as short as what it says, and keeps relative ranges relative."""
    span = urls.Range("-6h", live=True)
    filters = urls.TraceFilter(q="a=b&c", status="error")

    assert urls.traces(urls.Range()) == "/traces"
    assert urls.traces(span, filters) == "/traces?q=a%3Db%26c&status=error&since=-6h&live=1"
    assert (
        addresses.with_range("/logs?q=x&since=-1h&cursor=y", span) == "/logs?q=x&since=-6h&live=1"
    )


@pytest.mark.parametrize("text", ["//evil.example", "https://evil.example", "/\\evil", "/a\nb", ""])
def test_only_paths_of_this_site_are_led_back_to(text: str) -> None:
    """No open redirects."""
    assert addresses.local_path(text) == "/"


def test_markup_in_names_is_text_in_a_chart() -> None:
    """Plotly reads links and bold inside names; telemetry must not."""
    line = charts.Line("<a href='//x'>%{x}</a>", [1_000_000], [1.0])
    figure = charts.lines([line], Window(0, 10**9), 1, "<b>")

    assert figure["data"][0]["name"] == "&lt;a href='//x'&gt;% {x}&lt;/a&gt;"
    assert "<b>" not in figure["data"][0]["hovertemplate"]


def test_the_rules_plotly_would_write_into_the_page_are_a_stylesheet() -> None:
    """The policy forbids inline styles, so Plotly must find its rules on the page."""
    script = '{"X,X div":"direction:ltr;"' + "".join(
        f',"X .rule-{n}":"margin:0;"' for n in range(60)
    )
    sheet = plotly_stylesheet(script + ',"Y p:hover":"content:\\"x\\";"}')

    assert ".js-plotly-plot .plotly,.js-plotly-plot .plotly div {direction:ltr;}" in sheet
    assert ".plotly-notifier p:hover" in sheet


def test_the_installed_plotly_gives_its_rules_and_guards() -> None:
    """A Plotly that keeps them otherwise stops the start instead of breaking charts."""
    assets = Assets()

    assert assets.url("plotly.css").startswith("/static/plotly.")
    assert assets.style_guards


def test_the_id_a_person_would_say_stands_first() -> None:
    """Before request ids of gateways and UUIDs; otherwise as they came."""
    ids = ["qHNqEAFWdGPYQw8=", "0af7651916cd43dd8448eb211c80319c", "ord-7", "doc-1"]

    assert formats.telling(ids)[:2] == ["ord-7", "doc-1"]
