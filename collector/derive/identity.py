"""Which id an event trace keeps: that of its oldest, whatever it merges with or falls into."""

from collections.abc import Mapping, Sequence


def identify(
    groups: Mapping[int, Sequence[int]],
    events: Mapping[int, Sequence[int]],
) -> tuple[dict[int, int], dict[int, int]]:
    """Group -> id of its event trace, and the group each former event trace is part of now.

    ``groups`` name their fragments, by the id of the earliest; ``events`` the fragments that were
    in each event trace so far, earliest first, and then what is made of its records; the oldest
    event trace first. An id is that of a fragment and stays where this fragment is; where the
    fragment is no more, with the earliest of its former companions.
    """
    group_of = {fragment: group for group, members in groups.items() for fragment in members}
    ids: dict[int, int] = {}
    now: dict[int, int] = {}
    for event, members in events.items():
        left = (group_of[each] for each in (event, *members) if each in group_of)
        group = next(left, None)
        if group is not None:
            now[event] = group
            ids.setdefault(group, event)
    for group in groups:
        ids.setdefault(group, group)
    return ids, now
