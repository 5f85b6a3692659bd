"""The ``keys`` column of a group: correlation keys that the promoted columns do not hold.

Attributes are picked by the few distinct names; usual ids are taken as they are, with the letter
in front; the rest is read once per distinct value. ``collector.decode.record_keys`` says the same
of one record and is what this must equal.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.decode.attributes import is_valid, normalised
from collector.decode.id_columns import plain
from collector.decode.key_lists import FAMILY_PREFIX, Found, Held, first_bytes, merged
from collector.decode.key_names import Names
from collector.decode.key_parts import COMPOSITES, PART_NAMES, Composite
from collector.decode.key_rules import LETTERS, Rule
from collector.decode.promote import Hits, Promoter
from collector.decode.record_keys import nested_keys
from collector.decode.records import lengths
from collector.model.id_text import trace_id_of
from collector.model.stitching.keys import COMMON_FAMILY, Letter

_MANY_NAMES: Final = 64
# Which type letters each kind of rule takes; place 0 is of names without a rule.
_PLACES: Final = {letters: place for place, letters in enumerate(LETTERS, 1)}
_TAKES: Final = np.array(
    [[chr(letter) in letters for letter in range(256)] for letters in ("", *LETTERS)], np.bool_
)
_LETTER_K: Final = ord("k")
_TRACE_DIGITS: Final = 32
_FIRST_DASH: Final = 8  # in a UUID
_NUL: Final = "\0"


class Wanted:
    """The names a Promoter has to look for: those of columns and those of keys."""

    def __init__(self, columns: frozenset[str], names: Names) -> None:
        self._columns = columns
        self._rule = names.rule

    def __contains__(self, name: object) -> bool:
        return name in self._columns or name in PART_NAMES or self._rule(str(name)) is not None


def key_column(
    promoter: Promoter, names: Names, held: Held, more: Sequence[Found] = ()
) -> pa.ListArray:
    """The keys of each record, null where it has none; ``more`` come last."""
    sources = [
        each
        for each in (
            _attributes(promoter, names),
            *_composites(promoter),
            _nested(promoter, names),
            *more,
        )
        if each is not None and len(each.owner)
    ]
    sources += [each for each in (*map(_named_traces, sources), *_of_correlation(held)) if each]
    return merged(sources, held, promoter.size)


def _attributes(promoter: Promoter, names: Names) -> Found | None:
    """Keys of single attributes."""
    rules = [names.rule(name) for name in promoter.names]
    letters = np.array([_PLACES[rule.letters] if rule else 0 for rule in rules], np.uint8)
    if not letters.any():
        return None
    hits = promoter.hits(letters, _TAKES)
    if not len(hits.position):
        return None
    values = promoter.at(hits.position)
    of_names = np.flatnonzero(np.bincount(hits.name)).tolist()
    texts = _texts if len(of_names) <= _MANY_NAMES else _texts_one_by_one
    return _not_null(Found(hits.owner, texts(values, hits, of_names, rules)))


def _texts(
    values: pa.StringArray, hits: Hits, of_names: Sequence[int], rules: Sequence[Rule | None]
) -> pa.StringArray:
    """The key of each hit, null where its value is none."""
    usual = plain(values)
    parts, places = [], []
    for name in of_names:
        rule = _rule(rules, name)
        of_name = hits.name == name
        taken = usual & of_name if rule.is_id else np.zeros(len(usual), np.bool_)
        if taken.all():
            return _prefixed(values, rule)
        for chosen, key in ((taken, _prefixed), (of_name & ~taken, _read)):
            place = np.flatnonzero(chosen)
            if place.size:
                parts.append(key(values.take(pa.array(place)), rule))
                places.append(place)
    back = np.argsort(np.concatenate(places))
    return pa.concat_arrays(parts).take(pa.array(back))


def _texts_one_by_one(
    values: pa.StringArray, hits: Hits, _: Sequence[int], rules: Sequence[Rule | None]
) -> pa.StringArray:
    """The same for senders that put ids into names: a pass for each name would never end."""
    pairs = zip(hits.name.tolist(), values.to_pylist(), strict=True)
    return pa.array([_rule(rules, name).text(value) for name, value in pairs], pa.string())


def _rule(rules: Sequence[Rule | None], name: int) -> Rule:
    """The rule of a name that was found to have one."""
    rule = rules[name]
    assert rule is not None
    return rule


def _prefixed(values: pa.StringArray, rule: Rule) -> pa.StringArray:
    return pc.binary_replace_slice(values, 0, 0, rule.prefix)


def _read(values: pa.StringArray, rule: Rule) -> pa.StringArray:
    return normalised(values, rule.text, pa.string())


def _not_null(found: Found) -> Found:
    if not found.texts.null_count:
        return found
    good = is_valid(found.texts)
    return Found(found.owner[good], found.texts.drop_null())


def _composites(promoter: Promoter) -> list[Found | None]:
    """Keys that take two attributes."""
    if PART_NAMES.isdisjoint(promoter.names):
        return []
    return [_composite(promoter, each) for each in COMPOSITES]


def _composite(promoter: Promoter, composite: Composite) -> Found | None:
    columns = [promoter.texts(names, arrays=True) for names in composite.names]
    if all(column.null_count == len(column) for column in columns):
        return None
    owner = np.flatnonzero(np.logical_or(*(is_valid(column) for column in columns)))
    index = pa.array(owner)
    pairs = pc.binary_join_element_wise(
        *(column.take(index) for column in columns),
        _NUL,
        null_handling="replace",
        null_replacement="",
    )

    def text_of(pair: str) -> str | None:
        parts = pair.split(_NUL)
        return composite.text(parts[0], parts[1]) if len(parts) == 2 else None

    return _not_null(Found(owner, normalised(pairs, text_of, pa.string())))


def _nested(promoter: Promoter, names: Names) -> Found | None:
    """Keys within attributes that are objects."""
    hits = promoter.of_letter(_LETTER_K)
    if not len(hits.position):
        return None
    values = promoter.at(hits.position).to_pylist()
    said = [
        (owner, key)
        for owner, name, value in zip(hits.owner.tolist(), hits.name.tolist(), values, strict=True)
        for key in nested_keys(promoter.names[name], value, names)
    ]
    return found_of(said)


def found_of(said: Sequence[tuple[int, str]]) -> Found | None:
    """Keys that were read record by record, in the order of their records."""
    if not said:
        return None
    owner = np.array([owner for owner, _ in said], np.int64)
    return Found(owner, pa.array([key for _, key in said], pa.string()))


def _of_correlation(held: Held) -> list[Found | None]:
    """The trace a correlation id is, and its family unless it is the usual one."""
    column = held.correlation_id
    if column is None or column.null_count == len(column):
        return []
    return [_traces(column, np.arange(len(column))), _families(held.family)]


def _named_traces(found: Found) -> Found | None:
    """The traces that correlation ids among these keys are."""
    index = np.flatnonzero(first_bytes(found.texts) == ord(Letter.CORRELATION))
    if not index.size:
        return None
    values = pc.utf8_slice_codeunits(found.texts.take(pa.array(index)), FAMILY_PREFIX)
    return _traces(values, found.owner[index])


def _traces(values: pa.StringArray, owner: NDArray[np.int64]) -> Found | None:
    """Keys of ids that are trace ids: 32 characters or more, and none is a UUID with dashes."""
    index = np.flatnonzero(lengths(values) >= _TRACE_DIGITS)
    if not index.size:
        return None
    offsets, data = values.buffers()[1:]
    starts = np.frombuffer(offsets, np.int32, count=len(values))[index]
    index = index[np.frombuffer(data, np.uint8)[starts + _FIRST_DASH] != ord("-")]
    if not index.size:
        return None

    def text_of(value: str) -> str | None:
        found = trace_id_of(value)
        return Letter.TRACE + found if found else None

    texts = normalised(values.take(pa.array(index)), text_of, pa.string())
    return _not_null(Found(owner[index], texts))


def _families(family: pa.StringArray | None) -> Found | None:
    """Keys that name the family of the column's value."""
    if family is None or family.null_count == len(family):
        return None
    other = pc.not_equal(family, COMMON_FAMILY).fill_null(False)
    owner = np.flatnonzero(other.to_numpy(zero_copy_only=False))
    if not owner.size:
        return None
    values = family.take(pa.array(owner))
    return Found(owner, pc.binary_replace_slice(values, 0, 0, Letter.FAMILY))
