"""Decodes exports that arrived together, so that one bad export costs the others nothing.

The fast path reads a whole group at once. When it refuses - ptars raises, a Rust panic
included, or finds what it cannot vouch for - the group is halved until the exports it refuses
stand alone; those go through opentelemetry-proto, which also says what is malformed.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from collector.batch import Batch, Export, Signal
from collector.decode.limits import Limits
from collector.decode.logs import decode_logs
from collector.decode.metrics import decode_metrics
from collector.decode.reference import decode_reference
from collector.decode.refusal import RefusedError
from collector.decode.traces import decode_traces

FAST_PATHS: Final[dict[Signal, Callable[[Sequence[Export], Limits], Batch]]] = {
    Signal.TRACES: decode_traces,
    Signal.METRICS: decode_metrics,
    Signal.LOGS: decode_logs,
}


def decode_group(signal: Signal, exports: Sequence[Export], limits: Limits) -> Batch:
    """The records of all exports, which are of one signal. Never raises for bad input."""
    if not exports:
        return Batch({}, [])
    batch = _fast(signal, exports, limits)
    if batch is not None:
        return batch
    if len(exports) == 1:
        return decode_reference(exports[0], limits)
    middle = len(exports) // 2
    return _joined(
        [decode_group(signal, half, limits) for half in (exports[:middle], exports[middle:])]
    )


def _fast(signal: Signal, exports: Sequence[Export], limits: Limits) -> Batch | None:
    """None when the fast path refuses."""
    try:
        return FAST_PATHS[signal](exports, limits)
    except (RefusedError, ValueError, pa.ArrowException):
        return None
    except BaseException as panic:
        # PyO3 raises a Rust panic as a BaseException whose class cannot be imported.
        if type(panic).__name__ != "PanicException":
            raise
        return None


def _joined(batches: Sequence[Batch]) -> Batch:
    """The batches one after another, each resource and scope once."""
    tables = {
        name: pa.concat_tables([each.tables[name] for each in batches if name in each.tables])
        for name in dict.fromkeys(name for each in batches for name in each.tables)
    }
    for name, id_ in (("resources", "resource_id"), ("scopes", "scope_id")):
        if name in tables:
            _, first = np.unique(tables[name].column(id_).to_numpy(), return_index=True)
            tables[name] = tables[name].take(pa.array(np.sort(first)))
    return Batch(tables, [one for each in batches for one in each.outcomes])
