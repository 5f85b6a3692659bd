"""Holds an answer against the truth: exact events, pairwise precision and recall, what is wrong.

An event trace is right when it holds every record of one story and of no other event. What a batch
did for several events may be shown with each of them and with nobody else. Pairs are of
invocations as an event sees them, so that one with many spans counts no more than one with few.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.stitching.labels import ItemKey
from benchmarks.stitching.truth import Story, Truth


@dataclass(frozen=True, slots=True)
class GivenJoint:
    """A joint as the tool explains it."""

    source: str
    target: str
    evidence: str
    key: str
    confidence: float


@dataclass(slots=True)
class GivenTrace:
    """One event trace of the answer: its records, those it marks as shared by a batch included."""

    event_trace_id: str
    items: set[ItemKey]
    joints: list[GivenJoint] = field(default_factory=list)
    shared: set[ItemKey] = field(default_factory=set)


@dataclass(slots=True)
class Score:
    """Counts of one scenario; add them up for several."""

    stories: int = 0
    exact: int = 0
    right_pairs: int = 0  # joined and of one event
    joined_pairs: int = 0
    wanted_pairs: int = 0  # of one story
    found_pairs: int = 0
    needless: int = 0  # event traces that are of no business event
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def exact_share(self) -> float:
        """Stories that are one event trace exactly."""
        return self.exact / self.stories if self.stories else 1.0

    @property
    def precision(self) -> float:
        """Of the pairs joined, those rightly so."""
        return self.right_pairs / self.joined_pairs if self.joined_pairs else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs of one story, those joined."""
        return self.found_pairs / self.wanted_pairs if self.wanted_pairs else 1.0

    def add(self, other: "Score") -> None:
        """Counts the other's as well."""
        for name in ("stories", "exact", "right_pairs", "joined_pairs", "wanted_pairs"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.found_pairs += other.found_pairs
        self.needless += other.needless
        self.wrong += other.wrong
        self.missing += other.missing


def score(truth: Truth, answer: Sequence[GivenTrace]) -> Score:
    """The score of an answer; records it names that nobody sent do not count."""
    holders: dict[ItemKey, list[int]] = defaultdict(list)
    for index, trace in enumerate(answer):
        for key in trace.items:
            if key in truth.events:
                holders[key].append(index)
    found = Score()
    _count_joined(truth, answer, found)
    found.needless = _needless(truth, answer)
    taken: dict[int, set[str]] = defaultdict(set)  # events an event trace is of
    for story in sorted(truth.stories, key=lambda story: not story.own):
        if story.judged:
            _judge(story, truth, answer, holders, taken, found)
    return found


def _judge(
    story: Story,
    truth: Truth,
    answer: Sequence[GivenTrace],
    holders: dict[ItemKey, list[int]],
    taken: dict[int, set[str]],
    found: Score,
) -> None:
    found.stories += 1
    wanted = story.own | story.shared
    candidates = Counter(index for key in wanted for index in holders.get(key, ()))
    whole = [index for index, count in candidates.items() if count == len(wanted)]
    pure = [index for index in whole if not _strangers(story.event, truth, answer[index])]
    # Two stories that own no record alike (deliveries of one batch) need an event trace each.
    free = [index for index in pure if story.own or taken[index] <= {story.event}]
    if free:
        taken[free[0]].add(story.event)
        found.exact += 1
    elif not whole:
        found.missing.append(_tell_missing(story, truth, answer, holders))
    else:
        index = whole[0]
        found.wrong.append(_tell_wrong(story, truth, answer[index]))
    _count_wanted(story, truth, holders, found)


def _strangers(event: str, truth: Truth, trace: GivenTrace) -> set[ItemKey]:
    """Records in an event trace that are of other events only.

    A span of a batch whose parent got lost may be marked as shared: nobody knows whose it is.
    """
    return {
        key
        for key in trace.items
        if key in truth.events
        and key not in truth.unjudged
        and event not in truth.events[key]
        and not (
            key in trace.shared
            and key in truth.orphans
            and event in truth.batches.get(truth.runs[key], ())
        )
    }


def _count_joined(truth: Truth, answer: Iterable[GivenTrace], found: Score) -> None:
    for trace in answer:
        judged = [
            key
            for key in trace.items
            if key in truth.events
            and key not in truth.unjudged
            and not (key in trace.shared and key in truth.orphans)
        ]
        own = {
            (truth.runs[key], truth.events[key][0]) for key in judged if len(truth.events[key]) == 1
        }
        counts = Counter(event for _, event in own)
        if not counts:
            continue
        main = counts.most_common(1)[0][0]
        for run in {truth.runs[key] for key in judged} - {run for run, _ in own}:
            events = {e for key in judged if truth.runs[key] == run for e in truth.events[key]}
            counts[main if main in events else f"batch {run}"] += 1
        total = sum(counts.values())
        found.joined_pairs += total * (total - 1) // 2
        found.right_pairs += sum(count * (count - 1) // 2 for count in counts.values())


def _needless(truth: Truth, answer: Iterable[GivenTrace]) -> int:
    """Event traces without an event, of what batches did for all: not even a message is taken."""
    wanted = {key for story in truth.stories for key in story.own | story.shared} | truth.takers
    return sum(
        not trace.items & wanted and any(key in truth.events for key in trace.items)
        for trace in answer
    )


def _count_wanted(
    story: Story, truth: Truth, holders: dict[ItemKey, list[int]], found: Score
) -> None:
    held: dict[int, set[int]] = defaultdict(set)
    for key in story.own | story.shared:
        held[truth.runs[key]].update(holders.get(key, ()))
    runs = sorted(held)
    total = len(runs)
    found.wanted_pairs += total * (total - 1) // 2
    found.found_pairs += sum(
        bool(held[one] & held[other])
        for index, one in enumerate(runs)
        for other in runs[index + 1 :]
    )


def _tell_missing(
    story: Story, truth: Truth, answer: Sequence[GivenTrace], holders: dict[ItemKey, list[int]]
) -> str:
    where: dict[str, set[str]] = defaultdict(set)
    for key in story.own | story.shared:
        places = holders.get(key) or [-1]
        names = " ".join(answer[i].event_trace_id[-6:] if i >= 0 else "nowhere" for i in places[:3])
        where[names].add(f"run {truth.runs[key]}{' shared' if key in story.shared else ''}")
    parts = "; ".join(f"{name}: {', '.join(sorted(runs))}" for name, runs in where.items())
    return f"{story.event} is in {len(where)} parts ({parts})"


def _tell_wrong(story: Story, truth: Truth, trace: GivenTrace) -> str:
    strangers = _strangers(story.event, truth, trace)
    others = sorted({event for key in strangers for event in truth.events[key]})
    if not others:
        return f"{story.event} shares its event trace with another delivery of the batch"
    runs = sorted({truth.runs[key] for key in strangers})
    inferred = Counter(f"{each.evidence} {each.key}" for each in trace.joints)
    joints = ", ".join(text for text, _ in inferred.most_common(6))
    return f"{story.event} holds runs {runs[:6]} of {others[:4]} by {joints or 'no joint'}"
