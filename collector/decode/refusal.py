"""How the fast path says that it cannot vouch for what it reads."""


class RefusedError(Exception):
    """The group is to be decoded one by one, and what is refused alone by the reference path."""
