"""Whatever arrives, in whatever order and how often: the same fragments and event traces."""

from collections.abc import Hashable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.model.stitching.fragments import FragmentedTrace, fragment_trace
from collector.model.stitching.joints import Stitched, stitch
from collector.model.stitching.keys import Kind, Role
from collector.model.stitching.whole import whole
from tests.model.stitching.build import S, log, span, tid, uuid

_IDS = ["a", "b", "c", "d", "e", "f"]
_VALUES = [None, "o-1111", "o-2222", "shop-frontend"]


@st.composite
def _spans(draw: st.DrawFn, traces: list[str]) -> SpanFacts:
    name = draw(st.sampled_from(_IDS))
    parent = draw(st.sampled_from([None, None, *_IDS, "lost"]))
    value = draw(st.sampled_from(_VALUES))
    links = draw(
        st.lists(
            st.builds(
                lambda trace, to, message: LinkFacts(tid(trace), uuid(to)[:16], message),
                st.sampled_from(traces), st.sampled_from(_IDS),
                st.sampled_from([None, uuid("m1"), uuid("m2")]),
            ),
            max_size=3,
        )
    )  # fmt: skip
    return span(
        name, parent, draw(st.sampled_from([1, 2, 3, 4, 5])), draw(st.integers(0, 20)),
        function=draw(st.sampled_from(["f", "g", None])),
        failed=draw(st.booleans()),
        message=draw(st.sampled_from([None, "m1", "m2", "m3"])),
        destination=draw(st.sampled_from([None, "q", "q-dlq"])),
        trigger=draw(st.sampled_from([None, "http", "pubsub"])),
        invocation_id=draw(st.sampled_from([None, uuid("i1"), uuid("i2")])),
        called=draw(st.sampled_from(["process q", "q receive", "work"])),
        keys=tuple(filter(None, (value and f"kcc{value}", draw(st.sampled_from([None, "b3"])),
                                 draw(st.sampled_from([None, "nacme", "nglobex"]))))),
        links=links,
    )  # fmt: skip


@st.composite
def _logs(draw: st.DrawFn) -> LogFacts:
    return log(draw(st.integers(0, 20)), "f", draw(st.sampled_from([None, *_IDS])),
               correlation_id=draw(st.sampled_from(_VALUES)))  # fmt: skip


_TRACES = ["t1", "t2", "t3", "t4", "t5"]
_arrivals = st.lists(
    st.tuples(st.sampled_from(_TRACES), _spans(_TRACES) | _logs()), min_size=1, max_size=24
)


def _cut(arrived: list[tuple[str, SpanFacts | LogFacts]]) -> dict[str, FragmentedTrace]:
    found = {}
    for trace in sorted({name for name, _ in arrived}):
        mine = [each for name, each in arrived if name == trace]
        found[trace] = fragment_trace(
            tid(trace),
            [each for each in mine if isinstance(each, SpanFacts)],
            [each for each in mine if isinstance(each, LogFacts)],
        )
    return found


def _stitched(cuts: dict[str, FragmentedTrace]) -> Stitched:
    return stitch(
        [each for cut in cuts.values() for each in cut.fragments],
        [each for cut in cuts.values() for each in cut.occurrences],
    )


@settings(max_examples=150, deadline=None)
@given(_arrivals, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(arrived, random):
    """Any permutation, with copies, gives the same fragments, occurrences and event traces."""
    again = [*arrived, *random.sample(arrived, len(arrived) // 2)]
    random.shuffle(again)
    first, second = _cut(arrived), _cut(again)
    one, other = _stitched(first), _stitched(dict(reversed(second.items())))

    assert first.keys() == second.keys()
    for name, cut in first.items():
        assert (cut.fragments, set(cut.occurrences)) == (
            second[name].fragments, set(second[name].occurrences))  # fmt: skip
        assert cut.of_span == second[name].of_span
    assert one == other


@settings(max_examples=150, deadline=None)
@given(_arrivals)
def test_every_span_has_its_fragment(arrived):
    """Cycles, lost parents and spans that are their own parents lose nothing."""
    for name, cut in _cut(arrived).items():
        ids = {each.fragment_id for each in cut.fragments}
        spans = {each.span_id for trace, each in arrived
                 if trace == name and isinstance(each, SpanFacts)}  # fmt: skip
        assert set(cut.of_span) == spans
        assert set(cut.of_span.values()) <= ids
        assert sum(each.span_count for each in cut.fragments) == len(spans)
        assert {each.fragment_id for each in cut.occurrences} <= ids


@settings(max_examples=150, deadline=None)
@given(_arrivals, st.data())
def test_stitching_what_a_change_touches_gives_what_stitching_all_gives(arrived, data):
    """A run that loads the closure of a changed trace, with earlier verdicts, decides the same."""
    cuts = _cut(arrived)
    changed = data.draw(st.sampled_from(sorted(cuts)))
    before = _stitched({name: cut for name, cut in cuts.items() if name != changed})
    after = _stitched(cuts)
    touched = {each.fragment_id for each in cuts[changed].fragments}
    loaded = _closure(cuts, before, touched)
    whole_keys = _whole_keys(cuts, loaded)
    verdicts = {each.key: each.reason for each in before.ignored if each.key not in whole_keys}
    again = stitch(
        [each for cut in cuts.values() for each in cut.fragments if each.fragment_id in loaded],
        [each for cut in cuts.values() for each in cut.occurrences if each.fragment_id in loaded],
        verdicts=verdicts,
    )

    for fragment, event in again.event_of.items():
        assert after.event_of[fragment] == event
    left = before.event_of.keys() - again.event_of.keys()
    assert all(after.event_of[fragment] == before.event_of[fragment] for fragment in left - loaded)


def _closure(
    cuts: dict[str, FragmentedTrace], before: Stitched, touched: set[Hashable]
) -> set[Hashable]:
    """What a run loads: by the keys of what changed, whole event traces and shared fragments."""
    holders: dict[Hashable, set[Hashable]] = {}
    keys_of: dict[Hashable, set[Hashable]] = {}
    shared = {}
    for cut in cuts.values():
        for each in cut.occurrences:
            holders.setdefault(each.key, set()).add(each.fragment_id)
            keys_of.setdefault(each.fragment_id, set()).add(each.key)
        shared.update({each.fragment_id: each.shared_id for each in cut.fragments})
    events: dict[Hashable, set[Hashable]] = {}
    for fragment, event in before.event_of.items():
        events.setdefault(event, set()).add(fragment)
    loaded = set(touched)
    frontier = set(touched)
    while frontier:
        keys = {key for fragment in frontier for key in keys_of.get(fragment, ())}
        found = {fragment for key in keys for fragment in holders[key]}
        found |= {shared[each] for each in found | loaded if shared[each] is not None}
        for fragment in set(found):
            found |= events.get(before.event_of.get(fragment), set())
        frontier = found - loaded
        loaded |= found
    return loaded


def _whole_keys(cuts: dict[str, FragmentedTrace], loaded: set[Hashable]) -> set[Hashable]:
    missing = {each.key for cut in cuts.values() for each in cut.occurrences
               if each.fragment_id not in loaded}  # fmt: skip
    return {each.key for cut in cuts.values() for each in cut.occurrences} - missing


def test_a_span_that_is_its_own_parent_is_a_root():
    """And two that are each other's parents are one fragment."""
    cut = fragment_trace(tid("t"), [span("a", "a"), span("b", "c"), span("c", "b")])

    assert len(cut.fragments) == 1
    assert cut.fragments[0].span_count == 3


def test_of_two_copies_the_one_that_ended_counts():
    """A span reported at its start and again at its end is one span."""
    started = span("a", lasts=None)
    ended = replace(started, end_ns=2 * S, failed=True)
    (fragment,) = fragment_trace(tid("t"), [ended, started]).fragments

    assert (fragment.span_count, fragment.unfinished, fragment.failed) == (1, False, True)


def test_a_plain_trace_says_what_sql_says_of_it():
    """The example by which the store's own reading of plain traces is held to this one."""
    cut = fragment_trace(
        tid("t"),
        [
            span("api", trigger="http", invocation_id=uuid("i"), keys=("nacme", "kcco-4711")),
            span("send", "api", 4, 0.5, function="api", message="m", destination="q", lasts=0.1),
        ],
    )
    (fragment,) = cut.fragments
    found = {(each.kind, each.role): (each.time_ns, each.end_ns) for each in cut.occurrences}

    assert fragment.fragment_id == tid("t")
    assert (fragment.function, fragment.functions, fragment.entry) == ("api", ("api",), True)
    assert (fragment.tenant, fragment.correlation_ids) == ("acme", ("o-4711",))
    assert (fragment.invocation_count, fragment.start_ns, fragment.end_ns) == (1, 0, S)
    assert found == {
        (Kind.TRACE, Role.OWN): (0, S),
        (Kind.INVOCATION, Role.IN): (0, S),
        (Kind.CORRELATION, Role.MENTION): (0, S),
        (Kind.MESSAGE, Role.OUT): (600_000_000, 600_000_000),
    }
    assert whole.__doc__ is not None
