"""What the telemetry says about how functions are instrumented, and what would mend it.

Rows say what was seen at the ends of each hop; :func:`advice` says, worst first, what is broken,
why, and the one thing to change. Sources of the rules: OpenTelemetry's conventions for AWS Lambda
and messaging, and what the instrumentations of Node and Python do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.stitching.keys import Kind

INFERRED: Final = (Kind.OBJECT, Kind.CORRELATION, Kind.BUSINESS, Kind.IDEMPOTENCY)
"""Evidence by which parts are joined without anything that names the other part exactly."""

PROPAGATORS: Final = "OTEL_PROPAGATORS=tracecontext,baggage,xray"
JOINED: Final = "would be joined"
GOES_ON: Final = "would go on"
EXACT: Final = "would be exact, not inferred"
SURER: Final = "joined otherwise, would be surer"
CALLER: Final = "would show their caller"
SENDER: Final = "would show the sending span"
_FEW: Final = 0.02  # of a hop's messages: fewer without an end are lost telemetry, not a setting
_NAMED: Final = 3
_UNKNOWN: Final = "unknown function"
_LONGEST: Final = 60  # characters of a name in a sentence
_READS: Final = {
    "nodejs": " Node's Lambda instrumentation reads AWSTraceHeader, and traceparent of the "
    "message's attributes only when told to.",
    "python": " Python's Lambda instrumentation reads traceparent of the message's attributes, not "
    "AWSTraceHeader, and does not look into the envelope that SNS puts around a message.",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """Messages of one queue between two functions; None: that end never named such a message.

    ``bare_count``: taken, but by a span that carries on no context of the sender. ``alone_count``:
    sent by nobody known, and all of their event trace is one trace. ``carried_count``: nobody noted
    their id when taking them, but the sender's trace goes on in another function.
    """

    place: str | None
    sender: str | None
    receiver: str | None
    sent_count: int
    taken_count: int
    matched_count: int
    bare_count: int
    alone_count: int = 0
    carried_count: int = 0

    @property
    def met_count(self) -> int:
        """Those of which both ends are known, by id or by trace."""
        return self.matched_count + self.carried_count

    @property
    def sent_only(self) -> int:
        return self.sent_count - self.met_count

    @property
    def taken_only(self) -> int:
        return self.taken_count - self.matched_count


@dataclass(frozen=True, slots=True)
class MissingLinks:
    """Links to traces nothing of which arrived; ``alone_count`` event traces are of one trace."""

    function: str | None
    place: str | None
    link_count: int
    xray_count: int
    alone_count: int


@dataclass(frozen=True, slots=True)
class MissingParents:
    """Traces whose first function hangs under a parent that never arrived.

    ``entry_count`` of them began with a request or a schedule: the caller is outside.
    """

    function: str | None
    trace_count: int
    entry_count: int
    xray_count: int


@dataclass(frozen=True, slots=True)
class InferredHop:
    """Event traces in which ``receiver`` follows ``sender`` by nothing but ``kind``."""

    sender: str | None
    receiver: str | None
    place: str | None
    kind: Kind
    event_count: int


@dataclass(frozen=True, slots=True)
class Runtime:
    """Where a function runs; None: not said."""

    provider: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to mend. ``setting``: lines to copy; ``count``: how much was seen of it.

    ``gain``: event traces it would join to others, or that would go on; None: they are joined
    already, less surely or less fully than they could be. ``effect`` is what ``gain``, or else
    ``count``, of them would be.
    """

    hop: str
    seen: str
    fix: str
    setting: str | None = None
    count: int = 0
    gain: int | None = None
    effect: str = JOINED


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the advice is made of."""

    hops: Sequence[Hop] = ()
    links: Sequence[MissingLinks] = ()
    parents: Sequence[MissingParents] = ()
    inferred: Sequence[InferredHop] = ()
    runtimes: Mapping[str, Runtime] | None = None


def advice(seen: Seen) -> list[Advice]:
    """What to mend, the greatest gain first; what only makes joints surer stands last."""
    found = [
        *_of_queues(seen),
        *(_of_links(each, seen) for each in seen.links),
        *(each for row in seen.parents if (each := _of_parents(row, seen)) is not None),
        *(_of_inferred(each, seen) for each in seen.inferred),
    ]
    return sorted(found, key=lambda each: (-(each.gain or 0), -each.count, each.hop))


def _of_queues(seen: Seen) -> Iterable[Advice]:
    """Sent and never taken, taken and never sent, both, or without a context: one a queue."""
    places: dict[str, list[Hop]] = {}
    for hop in seen.hops:
        if hop.place is not None:
            places.setdefault(hop.place, []).append(hop)
    for place, hops in places.items():
        found = _of_queue(_short(place), hops, seen)
        if found is not None:
            yield found


def _of_queue(place: str, hops: Sequence[Hop], seen: Seen) -> Advice | None:
    sent, taken = sum(hop.sent_only for hop in hops), sum(hop.taken_only for hop in hops)
    everything = sum(hop.sent_count + hop.taken_only for hop in hops)
    few = everything * _FEW
    if sent > few and taken > few:
        return _strangers(place, hops, sent, taken)
    if taken > few:
        return _unsent(place, hops, taken, seen)
    if sent > few:
        return _untaken(place, hops, sent)
    bare = sum(hop.bare_count for hop in hops)
    return _bare(place, hops, bare, seen) if bare > few else None


def _strangers(place: str, hops: Sequence[Hop], sent: int, taken: int) -> Advice:
    alone = sum(hop.alone_count for hop in hops)
    return Advice(
        hop=_hop(place, hops),
        seen=f"{_many(sent, 'message')} sent to {place} and {taken:,} taken from it have no id in "
        f"common: the two ends note different ids for the same message.{_otherwise(alone)}",
        fix="Let both ends set messaging.message.id to the id the broker gave the message (of SQS "
        "the MessageId that SendMessage answers and the event record holds), or carry on the "
        "sender's traceparent.",
        count=taken,
        gain=min(sent, alone) or None,
        effect=JOINED if alone else SURER,
    )


def _unsent(place: str, hops: Sequence[Hop], taken: int, seen: Seen) -> Advice:
    receivers = _names(hop.receiver for hop in hops)
    alone = sum(hop.alone_count for hop in hops)
    bare = _all_bare(hops)
    return Advice(
        hop=f"? → {place} → {receivers}",
        seen=f"{_many(taken, 'message')} that {receivers} took from {place} came from nobody known"
        f"{' and without a trace context' if bare else ''}.{_otherwise(alone)}",
        fix="Point the sender at this collector; where it is there already, let its span set "
        "messaging.message.id to the id the broker answers." + _reading(hops, seen),
        setting=PROPAGATORS if bare and _on_aws(hops, seen) else None,
        count=taken,
        gain=alone or None,
        effect=JOINED if alone else SURER,
    )


def _otherwise(alone: int) -> str:
    return "" if alone else " Other evidence joins them."


def _untaken(place: str, hops: Sequence[Hop], sent: int) -> Advice:
    senders = _names(hop.sender for hop in hops if hop.sent_only)
    takers = [hop.receiver for hop in hops if hop.matched_count and hop.receiver]
    if takers:
        return Advice(
            hop=f"{senders} → {place} → {_names(takers)}",
            seen=f"{sent:,} of {sum(hop.sent_count for hop in hops):,} messages that {senders} "
            f"sent to {place} were taken by nobody known; {_names(takers)} took the others.",
            fix="They still wait there, have expired, or what took them sent no spans: a function "
            "that timed out or was killed exports none, and one that is frozen at once loses its "
            "last ones unless it flushes (force_flush).",
            count=sent,
            gain=sent,
            effect=GOES_ON,
        )
    return Advice(
        hop=f"{senders} → {place} → ?",
        seen=f"{_many(sent, 'message')} that {senders} sent to {place}: nobody known took them.",
        fix="Point what consumes it at this collector; where it is there already, let it note the "
        "message id (messaging.message.id on its span or link, or messageId in its log lines). "
        "Where nothing consumes it, its messages wait there.",
        count=sent,
        gain=sent,
        effect=GOES_ON,
    )


def _bare(place: str, hops: Sequence[Hop], bare: int, seen: Seen) -> Advice:
    return Advice(
        hop=_hop(place, hops),
        seen=f"{_many(bare, 'message')} of {place} without a trace context: joined by message ids "
        "alone.",
        fix="This is exact, and stays so. To have the sender's span named as well, let the sender "
        "write traceparent into the message's attributes and the receiver read it there."
        + _reading(hops, seen),
        setting=PROPAGATORS if _on_aws(hops, seen) else None,
        count=bare,
        effect=SENDER,
    )


def _of_links(row: MissingLinks, seen: Seen) -> Advice:
    receiver = _short(row.function or _UNKNOWN)
    senders = [
        hop.sender for hop in seen.hops if hop.place == row.place and hop.receiver == row.function
    ]
    sender = _names(senders) if any(senders) else _short(row.place or "?")
    joined = " The parts are joined by other evidence." if not row.alone_count else ""
    if row.xray_count * 2 > row.link_count:
        return Advice(
            hop=f"{sender} → {receiver}",
            seen=f"{_many(row.link_count, 'link')} of {receiver} to X-Ray contexts that are never "
            f"exported.{joined}",
            fix=f"{receiver} reads AWSTraceHeader, and what stands there is the segment Lambda "
            f"itself opened for {sender}, which only X-Ray is given. Let {sender} write "
            "traceparent into the message's attributes and let "
            f"{receiver} read it there before AWSTraceHeader"
            + (" (an option of Node's Lambda instrumentation)" if _is_node(row, seen) else "")
            + ", with these propagators on both:",
            setting=PROPAGATORS,
            count=row.link_count,
            gain=row.alone_count or None,
            effect=JOINED if row.alone_count else SURER,
        )
    return Advice(
        hop=f"{sender} → {receiver}",
        seen=f"{_many(row.link_count, 'link')} of {receiver} to traces nothing of which arrived."
        f"{joined}",
        fix=f"Let {sender} export to this collector too. Where it does, its spans are lost on the "
        "way: flush them before the function is frozen (force_flush), and sample by the parent "
        "(OTEL_TRACES_SAMPLER=parentbased_always_on).",
        setting="OTEL_TRACES_SAMPLER=parentbased_always_on",
        count=row.link_count,
        gain=row.alone_count or None,
        effect=JOINED if row.alone_count else SURER,
    )


def _of_parents(row: MissingParents, seen: Seen) -> Advice | None:
    """Of callers outside there is nothing to mend here."""
    inner = row.trace_count - row.entry_count
    if not inner:
        return None
    function = _short(row.function or _UNKNOWN)
    if row.xray_count >= inner and _runtime(row.function, seen).provider in ("aws", None):
        return Advice(
            hop=f"? → {function}",
            seen=f"{_many(inner, 'trace')} of {function} under X-Ray segments that are never "
            "exported here.",
            fix="The propagator xray-lambda takes the segment that Lambda opens for the parent. "
            f"Set on {function}, and on what calls it:",
            setting=PROPAGATORS,
            count=inner,
            effect=CALLER,
        )
    return Advice(
        hop=f"? → {function}",
        seen=f"{_many(inner, 'trace')} of {function} under parents that never arrived.",
        fix="Let its caller export to this collector too, or flush the caller's spans before it is "
        "frozen (force_flush); a function that timed out or was killed loses its own span.",
        count=inner,
        effect=CALLER,
    )


def _of_inferred(row: InferredHop, seen: Seen) -> Advice:
    sender, receiver = _short(row.sender or _UNKNOWN), _short(row.receiver or _UNKNOWN)
    evidence = {
        Kind.OBJECT: "the key of an object",
        Kind.IDEMPOTENCY: "an idempotency key",
    }.get(row.kind, "a correlation id")
    way = f"{sender} → {_short(row.place)} → {receiver}" if row.place else f"{sender} → {receiver}"
    if row.kind is Kind.OBJECT:
        fix = (
            "Storage events carry no context: this is as sure as it gets, unless the writer puts "
            "its traceparent into the object's metadata and the reader links to it."
        )
    else:
        fix = (
            f"For an exact joint let {receiver} note what brought it here: the message id "
            "(messaging.message.id), the event's id, or a link to the sender's traceparent, which "
            f"{sender} can put beside the correlation id."
            + (_reading_of(row.receiver, seen) if row.place else "")
        )
    return Advice(
        hop=way,
        seen=f"{receiver} follows {sender} by {evidence} alone in "
        f"{_many(row.event_count, 'event trace')}.",
        fix=fix,
        count=row.event_count,
        effect=EXACT,
    )


def _reading(hops: Sequence[Hop], seen: Seen) -> str:
    """How the first receiver whose language is known finds a context; empty when none is."""
    notes = (_reading_of(hop.receiver, seen) for hop in hops)
    return next((note for note in notes if note), "")


def _reading_of(receiver: str | None, seen: Seen) -> str:
    """How a receiver on Lambda finds a context, by its language; empty elsewhere."""
    runtime = _runtime(receiver, seen)
    return _READS.get(runtime.language or "", "") if runtime.provider == "aws" else ""


def _on_aws(hops: Sequence[Hop], seen: Seen) -> bool:
    return any(_runtime(hop.receiver, seen).provider == "aws" for hop in hops)


def _is_node(row: MissingLinks, seen: Seen) -> bool:
    return _runtime(row.function, seen).language == "nodejs"


def _runtime(function: str | None, seen: Seen) -> Runtime:
    return (seen.runtimes or {}).get(function or "", Runtime(None, None))


def _all_bare(hops: Sequence[Hop]) -> bool:
    taken = [hop for hop in hops if hop.taken_only]
    return bool(taken) and all(hop.bare_count >= hop.taken_only for hop in taken)


def _hop(place: str, hops: Sequence[Hop]) -> str:
    senders, receivers = (hop.sender for hop in hops), (hop.receiver for hop in hops)
    return f"{_names(senders)} → {place} → {_names(receivers)}"


def _names(functions: Iterable[str | None]) -> str:
    """``orders-api``, ``a and b``, ``a, b, c and 2 more``; a question mark when nobody is known."""
    known = list(dict.fromkeys(_short(name) for name in functions if name))
    if not known:
        return "?"
    if len(known) > _NAMED:
        return f"{', '.join(known[:_NAMED])} and {len(known) - _NAMED} more"
    return " and ".join(filter(None, (", ".join(known[:-1]), known[-1])))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
