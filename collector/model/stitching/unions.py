"""Sets of fragments that grow together (union-find)."""

from collections.abc import Hashable, Iterable


class Unions:
    """Disjoint sets; which member stands for a set is not told."""

    def __init__(self, members: Iterable[Hashable]) -> None:
        self._above: dict[Hashable, Hashable] = {each: each for each in members}

    def find(self, member: Hashable) -> Hashable:
        """One member that stands for the whole set, until sets are united."""
        above = self._above
        parent = above[member]
        while parent != member:
            above[member] = grand = above[parent]
            member, parent = grand, above[grand]
        return member

    def unite(self, one: Hashable, other: Hashable) -> bool:
        """Makes one set of two; False when they were one."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return False
        self._above[other] = one
        return True

    def sets(self) -> dict[Hashable, list[Hashable]]:
        """The members of each set, in the order in which they were given."""
        found: dict[Hashable, list[Hashable]] = {}
        for member in self._above:
            found.setdefault(self.find(member), []).append(member)
        return found
