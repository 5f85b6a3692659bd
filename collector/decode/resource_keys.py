"""The tenant that a resource names: a key of every record it sends.

A process that serves one tenant says so once, in its resource; one that serves many says it on each
span, which goes before.
"""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from collector.decode.envelope import Envelope
from collector.decode.key_lists import Found
from collector.decode.key_names import names_of
from collector.decode.resources import Known, Row
from collector.model.stitching.keys import Letter


def tenant_key(resource: Row) -> str | None:
    """The key of the first attribute that names a tenant; expects a row of ``resources``."""
    names = names_of(())
    for attribute, letter in zip(resource["attributes"], resource["attribute_types"], strict=True):
        rule = names.rule(attribute["key"])
        if rule is None or rule.letter is not Letter.TENANT or letter not in rule.letters:
            continue
        if key := rule.text(attribute["value"]):
            return key
    return None


@lru_cache(4096)
def _remembered(resource: Known) -> str | None:
    """The same resources come again and again, and each is one object as long as it does."""
    return tenant_key(resource.row)


def tenants(envelope: Envelope) -> list[Found]:
    """The tenants of the records' resources, as keys: one Found, or none."""
    keys = [_remembered(each) for each in envelope.resources]
    if not any(keys):
        return []
    named = np.array([key is not None for key in keys], np.bool_)[envelope.within]
    texts = pa.array(keys, pa.string()).take(pa.array(envelope.within[named]))
    return [Found(np.flatnonzero(named), texts)]
