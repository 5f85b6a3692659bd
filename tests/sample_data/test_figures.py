"""Every story shows the figures of its README: of functions and of queues, over the JSON API."""

import time
from typing import Any, Final

import pytest

from collector.model.window import NS_PER_S
from tests.sample_data.captured import expected, recorded, written
from tests.sample_data.cost_totals import totals
from tests.sample_data.starter_alerts import MINUTE_NS, starter_alerts
from tests.web.serving import Web
from web import stories, urls
from web.samples import SampleData
from web.stories import Story

SHOWN: Final = (
    "invocations",
    "errors",
    "timeouts",
    "out_of_memory",
    "cold_starts",
    "throttles",
    "max_memory_used_mb",
)
OF_QUEUES: Final = ("depth", "oldest_age_s", "is_dlq", "source_queue")
# Between the end of the story and the look at it an age that is derived goes on growing.
DERIVED_S: Final = 240.0


def shown() -> list[Story]:
    """The stories small enough to be loaded for this."""
    java = [story for story in recorded() if story.name == "java-orders"]
    return [*written(), *java]


FUNCTIONS: Final = [
    pytest.param(name, figure, value, id=f"{name}-{figure}")
    for story in shown()
    for name, told in expected(story)["functions"].items()
    for figure, value in [
        *((figure, told[figure]) for figure in SHOWN),
        ("coverage", told["cold_starts_known"] / told["invocations"]),
    ]
]
QUEUES: Final = [
    pytest.param(name, figure, told, id=f"{name}-{figure}")
    for story in written()
    for name, told in expected(story)["queues"].items()
    if told["depth"] is not None
    for figure in OF_QUEUES
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the API says of each function and queue once the stories are loaded.

    They end with the last whole minute: alerts look at whole minutes, and what a minute holds of a
    story is to be the same at any second.
    """
    web = Web(tmp_path_factory.mktemp("figures"))
    patch = pytest.MonkeyPatch()
    patch.setattr(stories, "stories", shown)
    until_ns = time.time_ns() // MINUTE_NS * MINUTE_NS
    shifted = stories.shifted_requests(until_ns=until_ns)
    patch.setattr(stories, "shifted_requests", lambda **_: shifted)
    samples = SampleData(web.service)
    samples.start()
    while samples.progress.running:
        time.sleep(0.1)
    patch.undo()
    web.settle()
    error = samples.progress.error
    functions = web.get("/functions", since="-1h")["functions"]
    queues = web.get("/queues", since="-1h")["queues"]
    pages = [
        *(urls.function(each["function"], urls.Range()) for each in functions),
        *(urls.queue(each["queue"], urls.Range()) for each in queues),
    ]
    costs = totals(web, since="-1h")
    answers = {path: web.client.get(path).status_code for path in pages}
    alerts = starter_alerts(web, until_ns + 5 * NS_PER_S, minutes=40, steps=40)
    web.stop()
    assert error is None
    return {
        "functions": {each["function"]: each for each in functions},
        "queues": {each["queue"]: each for each in queues},
        "pages": answers,
        "costs": costs,
        "alerts": alerts,
    }


def test_the_starter_set_fires_as_docs_alerts_md_says(figures: dict[str, Any]) -> None:
    """Each rule on the functions, queues and flows of the stories that it is about."""
    assert figures["alerts"] == {
        "errors above 10 %": {
            "checkout-eu", "checkout-worker", "tag", "resize-v1", "pdf.openfaas-fn", "resizer",
        },
        "timeouts": {"checkout-stock", "checkout-worker", "resize-v1", "orders-fulfilment"},
        "out of memory": {"checkout-worker", "resize-v1", "edge-cleanup"},
        "memory nearly used up": {"checkout-worker"},
        "throttles above 10 %": {"checkout-api", "checkout-eu", "resize-v1"},
        "dead letters": {
            "checkout-queue-dlq", "invoices/$deadletterqueue", "tag-sub-dead-letter",
        },
        "dead-lettered events": {"SubmitInvoice", "thumbnail", "edge-router"},
    }  # fmt: skip


def test_every_function_and_queue_has_a_page(figures: dict[str, Any]) -> None:
    """Whatever is told of it and whatever is not."""
    assert set(figures["pages"].values()) == {200}
    assert len(figures["pages"]) == len(figures["functions"]) + len(figures["queues"])


def test_costs_add_up_alike_however_they_are_grouped(figures: dict[str, Any]) -> None:
    """By function, day, flow shape and event trace, far below a cent apart; parts to the whole."""
    assert figures["costs"]["function"] > 0
    assert list(figures["costs"].values()) == pytest.approx(
        [figures["costs"]["function"]] * len(figures["costs"]), rel=1e-9
    )


@pytest.mark.parametrize(("function", "figure", "value"), FUNCTIONS)
def test_a_function_has_the_figure_of_the_readme(
    function: str, figure: str, value: Any, figures: dict[str, Any]
) -> None:
    """A number where it is known; null, not zero, where nothing tells; coverage as a share."""
    told = figures["functions"][function]
    if figure == "coverage":
        assert (told["cold_start_coverage"] or 0.0) == pytest.approx(value)
    else:
        assert told[figure] == value


@pytest.mark.parametrize(("queue", "figure", "told"), QUEUES)
def test_a_queue_has_the_figure_of_the_readme(
    queue: str, figure: str, told: dict[str, Any], figures: dict[str, Any]
) -> None:
    """Depth, age, and which queue feeds it; an age that is derived lies between two looks."""
    value = figures["queues"][queue][figure]
    if figure == "oldest_age_s" and "oldest_age_at_most_s" in told:
        assert told[figure] <= value <= told["oldest_age_at_most_s"] + DERIVED_S
    else:
        assert value == told[figure]
