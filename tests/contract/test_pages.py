"""What holds for every page: variables, policy, budgets, and the versions of what browsers load."""

import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest
from jinja2 import meta, nodes

from web import login
from web.assets import Assets
from web.pages import (
    advice,
    alerts,
    correlation,
    cost_chart,
    cost_events,
    cost_tile,
    costs,
    errors,
    event,
    events,
    evidence,
    function,
    function_costs,
    functions,
    logs,
    overview,
    prices,
    queue,
    queues,
    rule,
    rules,
    scorecard,
    series,
    setup,
    shapes,
    silences,
    slos,
    status,
    suggest,
    targets,
    trace,
    traces,
)
from web.render import Frame, Pages

ROOT: Final = Path(__file__).parents[2]
TEMPLATES: Final = sorted((ROOT / "templates").glob("*.html"))
SCRIPTS: Final = sorted((ROOT / "web" / "static").glob("*.js"))
MOST_LINES: Final = 250

PAGES: Final = {
    "advice.html": advice.AdvicePage,
    "alerts.html": alerts.AlertsPage,
    "correlation.html": correlation.CorrelationPage,
    "cost_chart.html": cost_chart.CostChartPage,
    "cost_events.html": cost_events.CostEventsPage,
    "cost_tile.html": cost_tile.CostTilePage,
    "costs.html": costs.CostsPage,
    "error.html": errors.ErrorPage,
    "event.html": event.EventPage,
    "event_cost.html": event.CostPage,
    "event_file.html": event.FilePage,
    "event_joints.html": event.JointsPage,
    "event_logs.html": event.LogsPage,
    "event_rows.html": event.RowsPage,
    "events.html": events.EventsPage,
    "events_chart.html": events.EventsChartPage,
    "evidence.html": evidence.EvidencePage,
    "function.html": function.FunctionPage,
    "function_costs.html": function_costs.FunctionCostsPage,
    "functions.html": functions.FunctionsPage,
    "login.html": login.LoginPage,
    "log.html": logs.RecordPage,
    "logs.html": logs.LogsPage,
    "overview.html": overview.OverviewPage,
    "prices.html": prices.PricesPage,
    "queue.html": queue.QueuePage,
    "queues.html": queues.QueuesPage,
    "rule.html": rule.RulePage,
    "rules.html": rules.RulesPage,
    "scorecard.html": scorecard.ScorecardPage,
    "series.html": series.SeriesPage,
    "series_list.html": series.SeriesListPage,
    "setup.html": setup.SetupPage,
    "shapes.html": shapes.ShapesPage,
    "silences.html": silences.SilencesPage,
    "slo.html": slos.SloPage,
    "slos.html": slos.SlosPage,
    "status.html": status.StatusPage,
    "suggest.html": suggest.SuggestPage,
    "targets.html": targets.TargetsPage,
    "trace.html": trace.TracePage,
    "trace_rows.html": trace.RowsPage,
    "traces.html": traces.TracesPage,
    "traces_chart.html": traces.ChartPage,
}
each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(Assets())


def test_every_page_template_has_its_dataclass() -> None:
    """base.html and the parts that begin with an underscore are not pages."""
    found = {path.name for path in TEMPLATES if not path.name.startswith(("_", "base"))}

    assert found == PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_the_variables_of_a_page_are_the_fields_of_its_dataclass(pages: Pages, name: str) -> None:
    """Nothing undefined can be asked for, and nothing is fetched that no one shows."""
    environment = pages.environment
    source = (ROOT / "templates" / name).read_text()
    used = meta.find_undeclared_variables(environment.parse(source)) - environment.globals.keys()

    assert used - {"frame"} == {field.name for field in fields(PAGES[name])}


def test_every_page_dataclass_is_frozen_and_explained() -> None:
    """It is the whole contract between a page and its template."""
    for page in PAGES.values():
        assert is_dataclass(page)
        assert page.__dataclass_params__.frozen
        assert inspect.getdoc(page)


@pytest.mark.parametrize("name", PAGES)
def test_a_block_needs_nothing_its_page_does_not_give(pages: Pages, name: str) -> None:
    """A block rendered alone sees no variable set outside of it."""
    environment = pages.environment
    known = {"frame", *(field.name for field in fields(PAGES[name])), *environment.globals}
    tree = environment.parse((ROOT / "templates" / name).read_text())

    for block in tree.find_all(nodes.Block):
        inner = nodes.Template(block.body, lineno=1)
        inner.set_environment(environment)
        assert meta.find_undeclared_variables(inner) <= known | {"super", "caller"}


def test_frame_holds_only_what_templates_show() -> None:
    """A field that no template reads is dead."""
    text = "".join(path.read_text() for path in TEMPLATES)

    assert not [f.name for f in fields(Frame) if not re.search(rf"\bframe\.{f.name}\b", text)]


@each_template
def test_templates_hold_nothing_the_policy_forbids(template: Path) -> None:
    """No inline script, style or event handler; script elements are files."""
    text = template.read_text()

    assert not re.search(r"\son[a-z]+\s*=", re.sub(r"\{[%{].*?[%}]\}", "", text))
    assert not re.search(r"\sstyle\s*=|<style|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "|safe" not in text


@each_template
def test_templates_load_nothing_from_another_host(template: Path) -> None:
    """Everything comes from the process that serves the page."""
    assert not re.search(
        r'(?:src|href|action|hx-get|hx-post)="(?:https?:)?//', template.read_text()
    )


def test_our_scripts_and_stylesheet_load_nothing_from_another_host() -> None:
    """An SVG's namespace is a name, not an address."""
    for path in (ROOT / "web" / "static").iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(", text), path.name


def test_our_javascript_stays_small() -> None:
    """In all, Plotly and htmx aside."""
    lines = {path.name: len(path.read_text().splitlines()) for path in SCRIPTS}

    assert sum(lines.values()) <= MOST_LINES, lines


def test_our_javascript_makes_no_markup_from_text() -> None:
    """What scripts write is text; markup comes from the server alone, escaped."""
    text = "".join(path.read_text() for path in SCRIPTS)

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_pages_load_the_versions_that_are_pinned() -> None:
    """htmx and Plotly are what their installed packages hold, unchanged."""
    script = Path(importlib.import_module("js_lib_htmx").__file__ or "").parent
    plotly = Path(importlib.import_module("plotly").__file__ or "").parent
    assets = Assets()
    htmx_file = script / "static" / "htmx" / "htmx.min.js"
    plotly_file = plotly / "package_data" / "plotly.min.js"

    assert assets.named("htmx.js").body == htmx_file.read_bytes()
    assert assets.named("plotly.js").body == plotly_file.read_bytes()
    htmx_version = version("django-js-lib-htmx").rsplit(".", 1)[0]
    assert f'version:"{htmx_version}"'.encode() in htmx_file.read_bytes()


def test_colours_keep_the_contrast_of_text() -> None:
    """At least 4.5 : 1 for every colour that text has, on every surface, in both themes."""
    css = (ROOT / "web" / "static" / "app.css").read_text()
    tokens = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", css))
    poor = [
        (text, surface, theme)
        for text in ("text", "muted", "accent", "ok", "warn", "bad", "unknown", "cold")
        for surface in ("bg", "surface", "raised", "hover", "selected")
        for theme in (0, 1)
        if _contrast(tokens[text].split(", ")[theme], tokens[surface].split(", ")[theme]) < 4.5
    ]

    assert poor == []


def _contrast(one: str, other: str) -> float:
    """The WCAG 2 contrast of two colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
