"""Dataclasses of which an answer has thousands: frozen for whoever writes code, quick to make.

A class that is frozen at run time sets each field through ``object.__setattr__``: a span of 28
fields takes 3.6 microseconds instead of 0.5, and an event trace has several objects for each.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen: bool, slots: bool = False):
        """As ``dataclass``, but only the type checker refuses to change a field."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["record"]
