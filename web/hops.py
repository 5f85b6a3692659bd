"""The hops of an event trace as a graph: functions and queues, laid out from top to bottom.

A long chain without branches winds to and fro in two columns, which takes half the height.

Each node stands in the layer after the last of those that lead to it (longest path; an edge back
to an earlier node, such as a loop, counts for nothing), and within its layer near the middle of
what it is tied to. Places are pixels of a drawing of its own size.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from collector.model.event_trace import EventTrace
from web.blocks import GIVEN_UP, Block, blocks
from web.ties import Tie, ties

WIDTH: Final = 148
HEIGHT: Final = 30
_GAP_X: Final = 28
_GAP_Y: Final = 32
_MARGIN: Final = 12
_LANE: Final = 60  # between the two columns of a chain: both and it fit a phone
_EDGE: Final = 4  # beside a chain
_LONG_CHAIN: Final = 4
_LONGEST_NAME: Final = 16  # characters that fit a node
_BESIDE: Final = 60  # room for what is written beside the last column
_SWEEPS: Final = 4
_DEAD_LETTERS: Final = "dead letters"
MOST_NODES: Final = 60


@dataclass(frozen=True, slots=True)
class Node:
    """``kind``: function, queue or dlq. ``x`` and ``y``: its upper left corner."""

    name: str
    kind: str
    x: int = 0
    y: int = 0

    @property
    def short(self) -> str:
        """As much of the name as the node holds."""
        fits = len(self.name) <= _LONGEST_NAME
        return self.name if fits else f"{self.name[: _LONGEST_NAME - 1]}…"


@dataclass(frozen=True, slots=True)
class Hop:
    """An edge. ``count`` messages or calls; ``attempts`` counts each try to handle them.

    ``kind``: sent, taken, called or dead. ``wait_ns``: the sum of what they waited. ``path``: the
    curve, as an SVG path takes it.
    """

    source: str
    target: str
    kind: str
    count: int
    attempts: int
    wait_ns: int
    exact: bool
    path: str = ""
    label_x: int = 0
    label_y: int = 0

    @property
    def times(self) -> int:
        """How often it happened: each attempt to take a message counts, sending it once does."""
        return self.attempts if self.kind == "taken" else self.count


@dataclass(frozen=True, slots=True)
class Graph:
    """``left_out``: how many functions and queues more there are than are drawn."""

    nodes: Sequence[Node]
    hops: Sequence[Hop]
    width: int
    height: int
    left_out: int = 0
    node_width: int = WIDTH
    node_height: int = HEIGHT


@dataclass(slots=True)
class _Sum:
    kind: str
    messages: set[str] = field(default_factory=set)
    attempts: int = 0
    wait_ns: int = 0
    exact: bool = True


def graph(event: EventTrace) -> Graph:
    """The graph of an event; a single node where everything happened in one function."""
    found = blocks(event)
    sums = _sums(found, ties(event, found))
    kinds = _kinds(found, sums)
    names = list(kinds)[:MOST_NODES]
    edges = {pair: each for pair, each in sums.items() if set(pair) <= set(names)}
    layers = _layers(names, list(edges))
    if _is_chain(layers, edges):
        return _chain([layer[0] for layer in layers], kinds, edges)
    placed = _placed(layers, kinds)
    hops = [_hop(pair, each, placed) for pair, each in edges.items()]
    widest = max((len(layer) for layer in layers), default=0)
    return Graph(
        nodes=list(placed.values()),
        hops=hops,
        width=widest * (WIDTH + _GAP_X) - _GAP_X + 2 * _MARGIN + _BESIDE,
        height=len(layers) * (HEIGHT + _GAP_Y) - _GAP_Y + 2 * _MARGIN,
        left_out=len(kinds) - len(names),
    )


def _sums(found: Sequence[Block], known: Iterable[Tie]) -> dict[tuple[str, str], _Sum]:
    by_id = {block.id: block for block in found}
    into: dict[str, list[Tie]] = defaultdict(list)
    for tie in known:
        into[tie.target].append(tie)
    sums: dict[tuple[str, str], _Sum] = {}
    queues = _queues(found)
    for block in found:
        sources = [tie for tie in into[block.id] if not _again(by_id[tie.source], block)]
        _add(block, queues.get(block.id), sources, by_id, sums)
    _add_dead(found, sums)
    return sums


def _again(source: Block, target: Block) -> bool:
    """True between two attempts at the same work, and from a dead letter to what redid it."""
    one, other = source.delivery, target.delivery
    if one is None or other is None or one.function != other.function:
        return False
    return other.attempt == one.attempt + 1 or (
        one.queue == other.queue and one.ended_in is not None
    )


def _queues(found: Sequence[Block]) -> dict[str, str]:
    """The queue of each block; an attempt that does not name it took from that of the others."""
    known: dict[str | None, set[str]] = defaultdict(set)
    for block in found:
        if block.delivery and block.delivery.queue:
            known[block.function].add(block.delivery.queue)
    queues: dict[str, str] = {}
    for block in found:
        here = block.delivery
        if here and here.queue:
            queues[block.id] = here.queue
        elif here and here.attempts > 1 and len(known[block.function]) == 1:
            queues[block.id] = next(iter(known[block.function]))
    return queues


def _add(
    block: Block,
    queue: str | None,
    sources: Sequence[Tie],
    by_id: Mapping[str, Block],
    sums: dict[tuple[str, str], _Sum],
) -> None:
    message = (block.delivery.message_id if block.delivery else None) or block.id
    here = _name(block)
    if queue:
        taken = sums.setdefault((f"[{queue}]", here), _Sum("taken"))
        taken.messages.add(message)
        taken.attempts += 1
        taken.wait_ns += sum(w.end_ns - w.start_ns for w in block.waits if w.kind == "queue_wait")
    for tie in sources:
        source = _name(by_id[tie.source])
        if source == here and not queue:
            continue
        dead = block.delivery is not None and block.delivery.dead_letter
        if dead and any(pair[1] == f"[{queue}]" for pair in sums):
            continue
        pair = (source, f"[{queue}]" if queue else here)
        sent = sums.setdefault(pair, _Sum("sent" if queue else "called"))
        sent.messages.add(message)
        sent.attempts += 1
        sent.exact &= tie.exact


def _add_dead(found: Sequence[Block], sums: dict[tuple[str, str], _Sum]) -> None:
    """From a queue to where its dead letters went."""
    taken_from = [b.delivery.queue for b in found if b.delivery and b.delivery.dead_letter]
    place = next((f"[{queue}]" for queue in taken_from if queue), f"[{_DEAD_LETTERS}]")
    for block in found:
        here = block.delivery
        if here and here.ended_in in GIVEN_UP and not here.dead_letter:
            source = f"[{here.queue}]" if here.queue else _name(block)
            dead = sums.setdefault((source, place), _Sum("dead"))
            dead.messages.add(here.message_id or block.id)
            dead.attempts += 1
            sums.pop((_name(block), place), None)  # the queue moved it, not the function


def _kinds(found: Sequence[Block], sums: Mapping[tuple[str, str], _Sum]) -> dict[str, str]:
    """Every function and queue in the order in which they were reached, and which it is."""
    dead = {target for (_, target), each in sums.items() if each.kind == "dead"}
    dead |= {f"[{b.delivery.queue}]" for b in found if b.delivery and b.delivery.dead_letter}
    kinds: dict[str, str] = {}
    for block in found:
        queue = f"[{block.delivery.queue}]" if block.delivery and block.delivery.queue else ""
        for name in (queue, _name(block)):
            if name:
                kinds.setdefault(name, _kind(name, dead))
    for pair in sums:
        for name in pair:
            kinds.setdefault(name, _kind(name, dead))
    return kinds


def _kind(name: str, dead: set[str]) -> str:
    return "dlq" if name in dead else "queue" if name.startswith("[") else "function"


def _name(block: Block) -> str:
    return block.function or "unknown"


def _layers(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    forward = _without_loops(names, edges)
    depth = dict.fromkeys(names, 0)
    for _ in names:
        before = dict(depth)
        for source, target in forward:
            depth[target] = max(depth[target], depth[source] + 1)
        if depth == before:
            break
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        layers[depth[name]].append(name)
    _untangle(layers, forward)
    return layers


def _without_loops(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges but those that lead back, found by walking from the first node on."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    kept: list[tuple[str, str]] = []
    state: dict[str, int] = {}  # 1: being walked, 2: done

    def walk(name: str) -> None:
        state[name] = 1
        for target in after[name]:
            if state.get(target) != 1:
                kept.append((name, target))
                if target not in state:
                    walk(target)
        state[name] = 2

    for name in names:
        if name not in state:
            walk(name)
    return kept


def _untangle(layers: list[list[str]], edges: Sequence[tuple[str, str]]) -> None:
    """Moves each node to the mean place of its neighbours, to and fro a few times."""
    beside: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        beside[source].append(target)
        beside[target].append(source)
    place = {name: i - len(layer) / 2 for layer in layers for i, name in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            mean = {
                name: sum(place[other] for other in beside[name]) / len(beside[name])
                if beside[name]
                else place[name]
                for name in layer
            }
            layer.sort(key=lambda name: mean[name])
            place.update({name: i - len(layer) / 2 for i, name in enumerate(layer)})


def _placed(layers: Sequence[Sequence[str]], kinds: Mapping[str, str]) -> dict[str, Node]:
    widest = max((len(layer) for layer in layers), default=0)
    placed: dict[str, Node] = {}
    for number, layer in enumerate(layers):
        before = (widest - len(layer)) * (WIDTH + _GAP_X) // 2
        for i, name in enumerate(layer):
            x = _MARGIN + before + i * (WIDTH + _GAP_X)
            y = _MARGIN + number * (HEIGHT + _GAP_Y)
            placed[name] = Node(name.strip("[]"), kinds[name], x, y)
    return placed


def _is_chain(layers: Sequence[Sequence[str]], edges: Iterable[tuple[str, str]]) -> bool:
    """A long one: each node leads to the next and to no other."""
    steps = {(one[0], other[0]) for one, other in pairwise(layers)}
    return (
        len(layers) >= _LONG_CHAIN
        and all(len(each) == 1 for each in layers)
        and (set(edges) <= steps)
    )


def _chain(
    names: Sequence[str], kinds: Mapping[str, str], edges: Mapping[tuple[str, str], _Sum]
) -> Graph:
    """To the right, down, to the left, down, and so on."""
    placed: dict[str, Node] = {}
    for number, name in enumerate(names):
        row = number // 2
        column = (number + row) % 2
        x, y = _EDGE + column * (WIDTH + _LANE), _MARGIN + row * (HEIGHT + _GAP_Y)
        placed[name] = Node(name.strip("[]"), kinds[name], x, y)
    rows = (len(names) + 1) // 2
    return Graph(
        nodes=list(placed.values()),
        hops=[_hop(pair, each, placed) for pair, each in edges.items()],
        width=2 * WIDTH + _LANE + 2 * _EDGE,
        height=rows * (HEIGHT + _GAP_Y) - _GAP_Y + 2 * _MARGIN,
    )


def _hop(pair: tuple[str, str], each: _Sum, placed: Mapping[str, Node]) -> Hop:
    path, label_x, label_y = _curve(placed[pair[0]], placed[pair[1]])
    return Hop(
        source=placed[pair[0]].name,
        target=placed[pair[1]].name,
        kind=each.kind,
        count=len(each.messages),
        attempts=each.attempts,
        wait_ns=each.wait_ns,
        exact=each.exact,
        path=path,
        label_x=label_x,
        label_y=label_y,
    )


def _curve(source: Node, target: Node) -> tuple[str, int, int]:
    """The path from below one node to above the other, and where to write beside it."""
    if source.y == target.y and abs(source.x - target.x) == WIDTH + _LANE:
        return _across(source, target)
    x1, y1 = source.x + WIDTH // 2, source.y + HEIGHT
    x2, y2 = target.x + WIDTH // 2, target.y - 3
    if y2 - y1 > _GAP_Y and x1 == x2:  # over other nodes: out of their way, beside them
        x1, x2, far = source.x + WIDTH, target.x + WIDTH, source.x + WIDTH + 34
        y1, y2 = source.y + HEIGHT // 2, target.y + HEIGHT // 2
        return f"M{x1} {y1}C{far} {y1} {far} {y2} {x2 + 3} {y2}", far - 4, (y1 + y2) // 2
    if y2 > y1:
        bend = (y2 - y1) // 2
        path = f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
        return path, x2 + 8, y2 - 7
    # Back to an earlier layer, or to itself: round the right side.
    x1, x2 = source.x + WIDTH, target.x + WIDTH
    far = max(x1, x2) + 34
    y1, y2 = source.y + HEIGHT // 2 + 5, target.y + HEIGHT // 2 - 5
    return f"M{x1} {y1}C{far} {y1} {far} {y2} {x2 + 3} {y2}", far - 4, (y1 + y2) // 2


def _across(source: Node, target: Node) -> tuple[str, int, int]:
    """Straight to the other column of a chain, with what is written above the line."""
    y = source.y + HEIGHT // 2
    left = min(source.x, target.x) + WIDTH
    start, end = (left, left + _LANE - 3) if target.x > source.x else (left + _LANE, left + 3)
    return f"M{start} {y}H{end}", left + 5, y - 6
