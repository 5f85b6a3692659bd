"""The judge of stitching is itself judged: labels, truth and scores of known answers."""

from dataclasses import replace

import pytest

from benchmarks.stitching.accuracy import total
from benchmarks.stitching.catalogue import NAMES, PLAIN, generate
from benchmarks.stitching.damage import Damage, damaged
from benchmarks.stitching.labels import Generated
from benchmarks.stitching.scoring import GivenTrace, score
from benchmarks.stitching.truth import Truth, tell
from benchmarks.stitching.wire import request
from tests.build import NOW_NS

_SAMPLE = ("hop sqs", "batch, links with ids", "batch sent on, spans", "saga", "retries, sqs")


def perfect(truth: Truth) -> list[GivenTrace]:
    """The answer without a fault."""
    return [
        GivenTrace(f"event-{number}", story.own | story.shared)
        for number, story in enumerate(truth.stories)
    ]


def made(name: str, seed: int = 3) -> Generated:
    """A small run of a scenario."""
    return generate(name, seed, 12, NOW_NS)


@pytest.mark.parametrize("name", ["hop sqs", "batch, links", "all at once, damaged"])
def test_a_seed_names_its_traffic(name: str) -> None:
    """The same seed gives the same bytes, another seed others."""
    bodies = [
        [request(export).SerializeToString() for export in made(name, seed).exports]
        for seed in (3, 3, 4)
    ]

    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_labelled(name: str) -> None:
    """Each span and log record has an event, a key of its own, and is in a story or shared."""
    generated = made(name)
    items = list(generated.items())
    truth = tell(items)
    told = {key for story in truth.stories for key in story.own | story.shared}

    assert all(item.events for item in items)
    assert len({item.key for item in items}) == len(items)
    assert all(item.several or item.key in told for item in items)


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_answer_scores_one(name: str) -> None:
    """Whatever was lost on the way, a tool that reads all evidence rightly reaches 100 %."""
    truth = tell(made(name).items())
    found = score(truth, perfect(truth))

    assert (found.exact_share, found.precision, found.recall) == (1, 1, 1)
    assert not found.wrong
    assert not found.missing


@pytest.mark.parametrize("name", _SAMPLE)
def test_a_wrong_join_costs_both_events_and_precision(name: str) -> None:
    """Two events in one event trace: neither is exact, and some pairs are wrong."""
    truth = tell(made(name).items())
    answer = perfect(truth)
    first = answer[0]
    other = next(
        trace
        for trace, story in zip(answer, truth.stories, strict=True)
        if story.event != truth.stories[0].event
    )
    first.items |= other.items
    answer.remove(other)
    found = score(truth, answer)

    assert found.exact == found.stories - 2
    assert found.precision < 1
    assert len(found.wrong) == 2


@pytest.mark.parametrize("name", _SAMPLE)
def test_a_missing_join_costs_the_event_and_recall(name: str) -> None:
    """An event in two halves: it is not exact, and pairs are missing; nothing is wrong."""
    truth = tell(made(name).items())
    answer = perfect(truth)
    split = next(trace for trace in answer if len({truth.runs[key] for key in trace.items}) > 1)
    last_run = max(truth.runs[key] for key in split.items)
    half = {key for key in split.items if truth.runs[key] == last_run}
    split.items -= half
    answer.append(GivenTrace("half", half))
    found = score(truth, answer)

    assert found.exact == found.stories - 1
    assert found.recall < 1
    assert found.precision == 1
    assert len(found.missing) == 1


def test_everything_in_one_event_trace_scores_nothing() -> None:
    """Gluing all together has full recall, no exact event and hardly any precision."""
    truth = tell(made("batch, links with ids").items())
    found = score(truth, [GivenTrace("all", set(truth.events))])

    assert found.exact == 0
    assert found.recall == 1
    assert found.precision < 0.2


def test_a_batch_shown_with_a_stranger_is_wrong() -> None:
    """Spans that a batch shares may be shown with the events of its messages and no others."""
    truth = tell(made("batch, links with ids").items())
    answer = perfect(truth)
    shared = next(key for key, events in truth.events.items() if len(events) > 1)
    stranger = next(
        trace
        for trace, story in zip(answer, truth.stories, strict=True)
        if story.event not in truth.events[shared]
    )
    stranger.items.add(shared)
    found = score(truth, answer)

    assert found.exact == found.stories - 1
    assert found.precision < 1


def test_a_lost_export_lowers_what_is_demanded() -> None:
    """What did not arrive is in no story, and nobody can be asked to join across the gap."""
    generated = made("hop sqs")
    harmed = damaged(generated, Damage(lost_exports=0.3), seed=1)
    before, after = tell(generated.items()), tell(harmed.items())

    assert len(after.events) < len(before.events)
    assert len(after.stories) != len(before.stories)


def test_records_nobody_sent_do_not_count() -> None:
    """An answer may show what was stored before; the judge looks at labelled records only."""
    truth = tell(made("saga").items())
    answer = [replace(each, items=each.items | {("ab" * 16, "cd" * 8)}) for each in perfect(truth)]

    assert score(truth, answer).exact_share == 1


def test_every_way_to_lose_context_is_there() -> None:
    """Scenarios have names that are theirs alone, and there is one for each transport."""
    assert len(set(NAMES)) == len(NAMES)
    for transport in ("sqs", "sns", "eventbridge", "kinesis", "kafka", "servicebus", "pubsub"):
        assert f"hop {transport}" in PLAIN


def test_scores_add_up() -> None:
    """The whole is the sum of its parts."""
    truth = tell(made("saga").items())
    one = score(truth, perfect(truth))
    both = total([one, one])

    assert (both.stories, both.exact) == (2 * one.stories, 2 * one.exact)
