"""What a person typed into a search box: ``key=value`` terms, an id, or a piece of a name."""

import re
import shlex
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from collector.errors import BadQuestion
from collector.model.id_text import trace_id_of

MAX_TERMS: Final = 4
"""The queries have room for this many terms; each costs a pass over the attributes read."""

_SPAN_ID: Final = re.compile(r"[0-9a-fA-F]{16}", re.ASCII)


def trace_uuid(text: str) -> uuid.UUID | None:
    """The trace id a text is or carries: plain, in X-Ray form, in a header; None if it is none."""
    found = trace_id_of(text)
    return uuid.UUID(hex=found) if found else None


def span_number(text: str) -> int | None:
    """The span id as stored (big-endian number); None if the text is not 16 hex digits."""
    return int(text, 16) if _SPAN_ID.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Search:
    """A parsed search: every part given must hold. ``text`` is also tried as an id."""

    terms: tuple[tuple[str, str], ...] = ()
    text: str | None = None

    @classmethod
    def parse(cls, query: str | None) -> Self:
        """Splits at spaces, quotes keep a value whole: ``order.id=42 note="two words"``.

        Raises:
            BadQuestion: more ``key=value`` terms than :data:`MAX_TERMS`.
        """
        return cls.of(words(query or ""))

    @classmethod
    def of(cls, each_word: Sequence[str]) -> Self:
        """A search for words already told apart.

        Raises:
            BadQuestion: more ``key=value`` terms than :data:`MAX_TERMS`.
        """
        terms = tuple(_term(word) for word in each_word if _is_term(word))
        if len(terms) > MAX_TERMS:
            raise BadQuestion(f"q has {len(terms)} key=value terms: at most {MAX_TERMS} are taken")
        text = " ".join(word for word in each_word if not _is_term(word))
        return cls(terms, text or None)

    @property
    def trace_id(self) -> uuid.UUID | None:
        return trace_uuid(self.text) if self.text else None

    @property
    def span_id(self) -> int | None:
        return span_number(self.text) if self.text else None

    def parameters(self) -> dict[str, Any]:
        """The parameters ``$text``, ``$span_id``, ``$keys`` and ``$values`` of the queries."""
        return {
            "text": self.text,
            "span_id": self.span_id,
            "keys": [key for key, _ in self.terms],
            "values": [value for _, value in self.terms],
        }


def words(query: str) -> list[str]:
    """The words of a query; quotes keep one whole."""
    splitter = shlex.shlex(query, posix=True, punctuation_chars=False)
    splitter.whitespace_split = True
    splitter.commenters = ""
    splitter.escape = ""
    splitter.quotes = '"'
    try:
        return list(splitter)
    except ValueError:  # an open quote is ordinary text: people search while they type
        return query.split()


def _is_term(word: str) -> bool:
    # "Root=1-…" is an X-Ray trace id, not an attribute named Root.
    return word.find("=") > 0 and trace_uuid(word) is None


def _term(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key, value
