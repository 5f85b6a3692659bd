"""Joints of the parts of a batch that an id names with the message whose sender names it."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from collector.model.stitching.exact import CONFIDENCE, by_time
from collector.model.stitching.facts import Fragment, Joint, Occurrence, Part
from collector.model.stitching.keys import Kind, Role


def share_joints(
    group: Sequence[Occurrence],
    fragments: Mapping[Hashable, Fragment],
    deliveries: Mapping[Hashable, Sequence[Hashable]],
    find: Callable[[Hashable], Hashable],
) -> list[Joint]:
    """Joints by a key that only business ids make, which ties nothing elsewhere, within one batch.

    A batch is known to have taken these messages; a part of it that names an order is of the one
    message that came from where the order is named. ``deliveries`` by their batch; ``find`` gives
    the exact part a fragment lies in.
    """
    if not group or group[0].kind != Kind.BUSINESS:
        return []
    found: dict[Hashable, Joint] = {}
    for share in group:
        if share.role != Role.IN or share.fragment_id in found:
            continue
        batch = fragments[share.fragment_id].shared_id
        sent_to = {find(each) for each in deliveries.get(batch, ())}
        named = [
            each
            for each in group
            if each.family == share.family
            and fragments[each.fragment_id].part != Part.KEYED
            and find(each.fragment_id) in sent_to
        ]
        if len({find(each.fragment_id) for each in named}) != 1:
            continue
        source = min(named, key=by_time)
        found[share.fragment_id] = Joint(
            source.fragment_id,
            share.fragment_id,
            Kind.BUSINESS,
            share.key,
            CONFIDENCE[Kind.BUSINESS],
            exact=False,
        )
    return list(found.values())
