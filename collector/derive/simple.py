"""Finds, in columns, the event traces that need no judgement, which are most.

A component of fragments under all their keys is *simple* when nothing but messages ties it: whole
traces and deliveries that did not fail, each message sent once and taken once at one place,
correlation ids that reach no further than the messages do. Then every joint is a message's, no key
has to be judged, no attempt was repeated, and the event trace is the component. What it looks like
is told by what its fragments look like, so ``summarise`` is asked once for all that look the same.
Everything else goes through the pure core as it is; a test holds the two ways equal.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.derive.batches import Batches
from collector.derive.coding import (
    Coded,
    Numbers,
    Truths,
    firsts,
    ids,
    numbered,
    numbers,
    sizes,
    truths,
)
from collector.model.stitching.facts import Part
from collector.model.stitching.keys import Kind, Outcome, Role
from collector.model.stitching.rules import Rules
from collector.store.stitching_load import Loaded

_OTHERS: Final = ~np.isin(
    np.arange(256),
    [Kind.TRACE, Kind.SPAN, Kind.MESSAGE, Kind.INVOCATION, Kind.CORRELATION, Kind.BUSINESS, 0],
)
_SIMPLE_PARTS: Final = (Part.WHOLE, Part.DELIVERY, Part.SHARED)
_MOST_FRAGMENTS: Final = 100


@dataclass(frozen=True, slots=True)
class Keys:
    """Occurrences by column; ``fragment`` is the index of theirs, ``key`` a number of each key."""

    fragment: Numbers
    key: Numbers
    kind: Numbers
    role: Numbers
    time_ns: Numbers
    place: Numbers  # a number of each, -1: none
    function: Numbers
    own: Truths  # the fragment's own trace or span
    bad: Truths


@dataclass(frozen=True, slots=True)
class Simple:
    """``component`` of each fragment, by index, named by its smallest index.

    ``simple``: it needs no judgement. ``shared``: it is what a batch's deliveries share, and in no
    event trace where it is simple. ``pairs``: for each component the pairs of fragments that
    messages tie; ``waits``: (component, sent, taken) of the messages, in order of these.
    """

    component: Numbers
    simple: Truths
    shared: Truths
    pairs: Numbers
    waits: NDArray[np.int64]
    looks: Numbers


def find_simple(loaded: Loaded, rules: Rules) -> Simple | None:
    """The components of the loaded fragments; None when some are there twice."""
    names = ids(loaded.fragments["fragment_id"])
    order = np.argsort(names, kind="stable")
    ordered = names[order]
    count = len(names)
    if count > 1 and (ordered[1:] == ordered[:-1]).any():
        return None
    keys = _keys(loaded, ordered, order)
    part = numbers(loaded.fragments["part"])
    # Roles are 0 to 3, and a run reads some 10^5 fragments: the three are one number.
    by_key = np.argsort((keys.key * count + keys.fragment) * 4 + keys.role)
    first = firsts(keys.key[by_key])
    inert = _inert(keys, by_key, first, part)
    tied = (np.diff(keys.key[by_key]) == 0) & ~np.repeat(inert, sizes(first, len(by_key)))[1:]
    left, right = keys.fragment[by_key][:-1][tied], keys.fragment[by_key][1:][tied]
    component = _components(count, left, right)
    bad = _bad_fragments(loaded, part)
    message = _check_groups(keys, by_key, first, bad, inert, rules)
    sent, taken = by_key[message], by_key[message + 1]
    bad |= _components(count, keys.fragment[sent], keys.fragment[taken]) != component
    size = np.bincount(component, minlength=count)
    bad |= size[component] > np.where(part == Part.SHARED, 1, _MOST_FRAGMENTS)
    return Simple(
        component,
        _unspoilt(component, bad, Batches.of(loaded, ordered, order)),
        part == Part.SHARED,
        _count_pairs(component, keys.fragment[sent], keys.fragment[taken]),
        _waits(component, keys, sent, taken),
        _looks(loaded, keys, count),
    )


def _keys(loaded: Loaded, ordered: NDArray[Any], order: Numbers) -> Keys:
    table = loaded.keys.filter(pc.greater(loaded.keys["kind"], 0))
    kind, role = numbers(table["kind"]), numbers(table["role"])
    names = ids(table["key"])
    context = (kind == Kind.TRACE) | (kind == Kind.SPAN)
    bad = _OTHERS[kind] | (context & (role != Role.OWN))
    bad |= numbers(table["outcome"]) == Outcome.ERROR
    bad |= numbers(table["attempt"]) > 1
    bad |= truths(table["dead_letter"])
    judged = np.array([*loaded.verdicts, *loaded.judged], np.uint64)
    if len(judged):
        bad |= np.isin(names, judged)
    return Keys(
        order[np.searchsorted(ordered, ids(table["fragment_id"]))],
        numbered(names),
        kind,
        role,
        numbers(table["time_ns"]),
        Coded.of(table["place"]).code,
        Coded.of(table["function"]).code,
        context & (role == Role.OWN),
        bad,
    )


def _components(count: int, left: Numbers, right: Numbers) -> Numbers:
    """The smallest index that each is connected with."""
    label = np.arange(count)
    while True:
        one, other = label[left], label[right]
        if (one == other).all():
            return label
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while (label != (further := label[label])).any():
            label = further


def _inert(keys: Keys, by_key: Numbers, first: Numbers, part: Numbers) -> Truths:
    """Keys that are no more than the trace that the parts of a batch are of."""
    if not len(first):
        return np.zeros(0, bool)
    divided = keys.own & (keys.kind == Kind.TRACE) & (part[keys.fragment] != Part.WHOLE)
    few = sizes(first, len(by_key)) <= _MOST_FRAGMENTS
    inert: Truths = np.logical_and.reduceat(divided[by_key], first) & few
    return inert


def _bad_fragments(loaded: Loaded, part: Numbers) -> Truths:
    table = loaded.fragments
    lists = table["functions"].combine_chunks()
    bad: Truths = ~np.isin(part, _SIMPLE_PARTS)
    bad |= truths(table["failed"])
    bad |= np.asarray(pc.fill_null(pc.list_value_length(lists), 0)) < 1
    if not bad.all():
        first = pc.list_element(pc.if_else(pa.array(bad), None, lists), 0)
        named = pc.fill_null(pc.equal(first, table["function"].combine_chunks()), False)
        bad |= ~np.asarray(named)
    return bad


def _check_groups(
    keys: Keys, by_key: Numbers, first: Numbers, bad: Truths, inert: Truths, rules: Rules
) -> Numbers:
    """Marks the fragments of groups that need judgement; gives where a message's pair begins."""
    kind, role, time = keys.kind[by_key], keys.role[by_key], keys.time_ns[by_key]
    place, fragment = keys.place[by_key], keys.fragment[by_key]
    if not len(first):
        return first
    count = sizes(first, len(by_key))
    least, most = np.minimum.reduceat(kind, first), np.maximum.reduceat(kind, first)
    values = least >= Kind.CORRELATION
    single = count == 1
    second = np.minimum(first + 1, len(by_key) - 1)
    pair = (count == 2) & (least == Kind.MESSAGE) & (most == Kind.MESSAGE)
    # Ordered by fragment and role: the two may be either way round.
    pair &= role[first] + role[second] == Role.OUT + Role.IN
    pair &= role[first] != role[second]
    pair &= (place[first] == place[second]) | (place[first] < 0) | (place[second] < 0)
    pair &= np.abs(time[second] - time[first]) <= rules.look_back_ns[Kind.MESSAGE]
    fine = single | values | pair | inert
    wrong = np.repeat(~fine, count) | keys.bad[by_key]
    bad[fragment[wrong]] = True
    # Two messages taken by one fragment are two handlings: the core tells their order.
    taken = (keys.kind == Kind.MESSAGE) & (keys.role == Role.IN)
    bad |= np.bincount(keys.fragment[taken], minlength=len(bad)) > 1
    bad[keys.fragment[taken & (keys.function < 0)]] = True
    return np.flatnonzero(_at(pair, first, len(by_key)))


def _unspoilt(component: Numbers, bad: Truths, batches: Batches) -> Truths:
    """What is in no component with anything bad; what a batch shares goes with its deliveries."""
    bad[batches.of_any(bad)] = True
    bad[batches.of_one(component)] = True
    spoilt = np.zeros(len(component), bool)
    spoilt[component[bad]] = True
    judged: Truths = spoilt[component]
    judged[batches.shared[judged[batches.delivery]]] = True
    return ~judged


def _at(truths: Truths, places: Numbers, count: int) -> Truths:
    found = np.zeros(count, bool)
    found[places[truths]] = True
    return found


def _count_pairs(component: Numbers, left: Numbers, right: Numbers) -> Numbers:
    low, high = np.minimum(left, right), np.maximum(left, right)
    apart = low != high
    pairs = np.unique(low[apart] * len(component) + high[apart])
    return np.bincount(component[pairs // max(len(component), 1)], minlength=len(component))


def _waits(component: Numbers, keys: Keys, one: Numbers, other: Numbers) -> NDArray[np.int64]:
    sends = keys.role[one] == Role.OUT
    sent = np.where(sends, keys.time_ns[one], keys.time_ns[other])
    taken = np.where(sends, keys.time_ns[other], keys.time_ns[one])
    of = component[keys.fragment[one]]
    order = np.lexsort((taken, sent, of))
    return np.stack((of[order], sent[order], taken[order]), axis=1)


def _looks(loaded: Loaded, keys: Keys, count: int) -> Numbers:
    """A number for each look of a fragment: equal where all that is told of its part is equal."""
    table = loaded.fragments
    taken = (keys.kind == Kind.MESSAGE) & (keys.role == Role.IN)
    place, function = np.full(count, -2), np.full(count, -2)
    place[keys.fragment[taken]] = keys.place[taken]
    function[keys.fragment[taken]] = keys.function[taken]
    steps = pc.binary_join(table["functions"].combine_chunks(), "\x1f")
    places = pc.binary_join(table["destinations"].combine_chunks(), "\x1f")
    flags = 2 * truths(table["entry"]) + truths(table["unfinished"])
    looks = Coded.of(steps).code
    for each in (Coded.of(places).code, place, function, flags):
        looks = numbered(looks * (int(each.max(initial=0)) + 3) + each + 2)
    return looks
