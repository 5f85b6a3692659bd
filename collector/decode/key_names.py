"""Which names hold correlation keys: exact ones, ones by their last words, and ids of any thing.

A name is an attribute, a path into a JSON log body (members joined by dots), or a captured HTTP
header. ``order_id``, ``orderId`` and ``order.id`` are the same words, so one family.
"""

import re
from functools import lru_cache
from string import ascii_letters
from typing import Final
from zlib import crc32

from collector.decode import key_values as values
from collector.decode.key_parts import PART_NAMES
from collector.decode.key_rules import (
    ARRAY_LETTERS,
    COLUMN_LETTERS,
    ENDINGS,
    EXACT,
    MOST_WORDS,
    Rule,
)
from collector.model.stitching.keys import COMMON_FAMILY, Letter

_LONGEST_NAME: Final = 256
_REMEMBERED: Final = 16_384
_HEADER: Final = "http.request.header."


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Things whose ids name no business event: parties, places, wares, and parts of the machinery.
_NO_EVENT: Final = _set(
    "sensor user users customer client account session tenant device visitor member person contact"
    " enduser organization organisation org team project company merchant vendor supplier seller"
    " employee staff driver courier agent operator author owner creator department branch"
    " store shop host warehouse location site hub gateway product sku item variant category asset"
    " catalog catalogue price plan coupon tariff previous"
    " container pod node process thread task worker instance machine vm image cluster region zone"
    " subscription resource application app service function deployment build release version"
    " schema group consumer producer partition shard stream queue topic channel connection socket"
    " span trace parent request req invocation operation activity step attempt call query statement"
    " lock lease page row column field chunk part segment entry log logger rule policy role"
    " principal key secret token credential cert certificate template tag label type status state"
    " code error experiment flag feature variation model prompt response completion ack"
    " installation browser window tab view screen country currency locale language extended"
    " amz cf ray"
)
# A first segment that says the rest is about the platform, not about the business.
_PLATFORM: Final = _set(
    "aws cloud azure az gcp google cloudflare k8s kubernetes docker ecs container host os process"
    " service faas telemetry otel dd datadog messaging db rpc net network http url server client"
    " code exception error thread enduser browser peer graphql gen_ai openai llm openinference"
    " feature_flag tls cicd vcs oci heroku nodejs jvm system hw log deployment apm transaction"
    " sentry newrelic elastic"
)
_TAIL: Final = 2
_TAILS: Final = frozenset(("id", *(ending[-_TAIL:] for ending in ENDINGS)))
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", re.ASCII)


def family(name: str) -> str:
    """Two letters for the entity a name is about; those of the usual correlation names are cc."""
    return _family_of(_entity(name))


def _family_of(entity: str) -> str:
    if entity in {"correlationid", "conversationid"}:
        return COMMON_FAMILY
    number = crc32(entity.encode(errors="replace")) % (len(ascii_letters) ** 2 - 1)
    letters = ascii_letters[number // len(ascii_letters)] + ascii_letters[number % 52]
    return "ZZ" if letters == COMMON_FAMILY else letters


@lru_cache(_REMEMBERED)
def _words(name: str) -> tuple[str, ...]:
    """``app.orderID`` -> app, order, id."""
    return tuple(word.lower() for word in _WORD.findall(name))


def _entity(name: str) -> str:
    """The words of the last segment, joined; of the last two when the last is a single word.

    Without the x that many headers begin with.
    """
    segments = name.split(".")
    words = _words(segments[-1])
    if len(words) < 2 and len(segments) > 1:
        words = _words(segments[-2]) + words
    if len(words) > 2 and words[0] == "x":
        words = words[1:]
    return "".join(words) or name


class Names:
    """The rules of names, with the user's own correlation names first."""

    def __init__(self, configured: tuple[str, ...]) -> None:
        self.configured = configured
        self._own = {
            name: Rule(Letter.CORRELATION, values.correlation, COLUMN_LETTERS, family=family(name))
            for name in reversed(configured)
        }
        self._own_entities = {
            _entity(name): rule for name, rule in self._own.items() if len(_words(name)) > 1
        }
        # A look at the end spares most names the search for words.
        self._tails = _TAILS | {entity[-_TAIL:] for entity in self._own_entities}
        # Names are few but for senders that put ids into them.
        self.rule = lru_cache(_REMEMBERED)(self._rule)
        self.key_name = lru_cache(_REMEMBERED)(self._key_name)

    def _key_name(self, path: str) -> str | None:
        """The name under which a value at a path may be a key: the path, or its end; None: none.

        The end counts when it is half of a key, as in ``detail.bucket.name``.
        """
        return path if self.rule(path) else _part_name(path)

    def _rule(self, name: str) -> Rule | None:
        """What a value under this name becomes; None when the name says nothing of a key."""
        if len(name) > _LONGEST_NAME:
            return None
        if name in self._own:
            return self._own[name]
        if name in PART_NAMES:
            return None
        if name in EXACT:
            return EXACT[name]
        if name.startswith("http."):
            return self._header_rule(name)
        return self._by_words(name)

    def _header_rule(self, name: str) -> Rule | None:
        """Rule of a captured request header: its value is an array."""
        if not name.startswith(_HEADER):
            return None
        header = name.removeprefix(_HEADER).replace("_", "-")
        rule = self._own.get(header) or EXACT.get(header)
        rule = rule or self._by_words(header.removeprefix("x-"))
        if rule is None:
            return None
        letters = rule.letters if "a" in rule.letters else ARRAY_LETTERS
        return Rule(rule.letter, rule.read, letters, rule.family, is_id=rule.is_id)

    def _by_words(self, name: str) -> Rule | None:
        if name[-_TAIL:].lower() not in self._tails:
            return None
        words = _words(name)
        for count in range(min(MOST_WORDS, len(words)), 0, -1):
            if found := ENDINGS.get("".join(words[-count:])):
                return found
        if len(words) < 2:
            return None
        if self._own_entities and (own := self._own_entities.get(_entity(name))):
            return own
        return _business_rule(name, words) if words[-1] == "id" else None


def _part_name(path: str) -> str | None:
    """The longest end of a path that is half of a key."""
    while path not in PART_NAMES:
        _, dot, path = path.partition(".")
        if not dot:
            return None
    return path


def _business_rule(name: str, words: tuple[str, ...]) -> Rule | None:
    """Rule of the id of anything that may be a business event: ``order.id``, ``invoiceId``."""
    segment, _, rest = name.partition(".")
    if words[-2] in _NO_EVENT or (rest and segment.lower() in _PLATFORM):
        return None
    return Rule(Letter.BUSINESS, values.loose_id, family=family(name))


@lru_cache(64)
def names_of(configured: tuple[str, ...]) -> Names:
    """The one Names of these configured names."""
    return Names(configured)
