"""Addresses that end with a name from telemetry, ``/functions/{name:named}``: any text at all.

Starlette's own ``path`` leaves out line breaks, which a function's or a metric's name may hold.
"""

from starlette.convertors import Convertor, register_url_convertor


class Named(Convertor[str]):
    """All of the rest of a path, as it is."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        """The name itself."""
        return value

    def to_string(self, value: str) -> str:
        """The name itself."""
        return value


def register() -> None:
    """Makes ``named`` known to routes; before any that uses it is made."""
    register_url_convertor("named", Named())
