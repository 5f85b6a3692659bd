"""Descriptors that read the bytes of OTLP but stop where ptars cannot go.

They are opentelemetry-proto's own, with changes that keep the wire format:

- ``array_value`` and ``kvlist_value`` are bytes, because ptars cannot hold a recursive message;
  ``collector.decode.attributes`` decodes the few there are.
- ``resource`` and ``scope`` are bytes, so that each distinct one is decoded once.
- All four are *repeated* bytes: protobuf merges a message that is sent in several parts, and
  this is how to see that one was. No encoder does that; whoever reads them refuses.
- Enums are int32: an unknown number stays the number it is.
- Fields that only profiles use (string table indexes) are left out; one would cost 4 bytes for
  every attribute of every span.

ptars 0.0.25 was held against the reference parser with damaged messages of every sort. Where it
differs, it is dealt with like this:

- It keeps all members of a oneof that were sent, where the last one counts: whoever reads a
  oneof refuses when more than one is set.
- It follows groups (a form of field no encoder has written for 15 years) without bound, and
  the stack of the process ends near 110,000 of them within each other. A body that could hold
  so many is read by the reference parser first, which allows 100.
- Below that bound it skips a group without checking that its end has the number of its start,
  so a body that is damaged only there is taken instead of refused. All its known fields are
  read right; nothing is done about it.
"""

import resource
from typing import Any, Final

import numpy as np
import pyarrow as pa
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from ptars import HandlerPool

from collector.batch import Signal
from collector.decode.refusal import RefusedError

_Field = descriptor_pb2.FieldDescriptorProto
_OPAQUE: Final = {"array_value", "kvlist_value", "resource", "scope"}
_PROFILES_ONLY: Final = {"key_strindex", "string_value_strindex"}

_SERVICES: Final = {
    Signal.TRACES: trace_service_pb2.DESCRIPTOR,
    Signal.METRICS: metrics_service_pb2.DESCRIPTOR,
    Signal.LOGS: logs_service_pb2.DESCRIPTOR,
}
REQUESTS: Final[dict[Signal, Any]] = {
    Signal.TRACES: trace_service_pb2.ExportTraceServiceRequest,
    Signal.METRICS: metrics_service_pb2.ExportMetricsServiceRequest,
    Signal.LOGS: logs_service_pb2.ExportLogsServiceRequest,
}
# A group takes 73 bytes of stack in ptars (measured); twice that leaves room for its caller.
_STACK_PER_GROUP_BYTES: Final = 160
_LARGEST_STACK_BYTES: Final = 8_388_608  # what Linux gives unless told otherwise
_UNLIMITED_STACK_BYTES: Final = 2_097_152  # what glibc gives a thread when there is no limit
_START_GROUP: Final = 3


def _with_dependencies(file: FileDescriptor) -> list[FileDescriptor]:
    """The file after everything it imports, each once."""
    ordered: dict[str, FileDescriptor] = {}
    for dependency in file.dependencies:
        ordered.update((each.name, each) for each in _with_dependencies(dependency))
    ordered[file.name] = file
    return list(ordered.values())


def _adapt(message: descriptor_pb2.DescriptorProto) -> None:
    """Apply the changes named above to one message and those nested in it."""
    kept = [field for field in message.field if field.name not in _PROFILES_ONLY]
    for field in kept:
        if field.name in _OPAQUE:
            field.type = _Field.TYPE_BYTES
            field.label = _Field.LABEL_REPEATED
            field.ClearField("type_name")
            field.ClearField("oneof_index")
        if field.type == _Field.TYPE_ENUM:
            field.type = _Field.TYPE_INT32
            field.ClearField("type_name")
    del message.field[:]
    message.field.extend(kept)
    for nested in message.nested_type:
        _adapt(nested)


def _adapted(file: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    for message in proto.message_type:
        _adapt(message)
    return proto


def _most_groups() -> int:
    """How many groups may nest on the stack of a thread; Linux gives threads that of the limit."""
    stack, _ = resource.getrlimit(resource.RLIMIT_STACK)
    if stack == resource.RLIM_INFINITY:
        stack = _UNLIMITED_STACK_BYTES
    return min(stack, _LARGEST_STACK_BYTES) // _STACK_PER_GROUP_BYTES


_MOST_GROUPS: Final = _most_groups()


def may_exhaust_stack(body: bytes) -> bool:
    """Whether the body has so many bytes that could begin a group: 27,000 of 512 usual spans."""
    if len(body) <= _MOST_GROUPS:
        return False
    wire_types = np.frombuffer(body, np.uint8) & 7
    return bool(np.count_nonzero(wire_types == _START_GROUP) > _MOST_GROUPS)


class Reader:
    """Reads exports of one signal into the nested Arrow shape of their protobuf message."""

    def __init__(self, signal: Signal) -> None:
        pool = descriptor_pool.DescriptorPool()
        for file in _with_dependencies(_SERVICES[signal]):
            pool.AddSerializedFile(_adapted(file).SerializeToString())
        self._request = REQUESTS[signal]
        adapted = pool.FindFileByName(_SERVICES[signal].name)
        message = adapted.message_types_by_name[self._request.DESCRIPTOR.name]
        self._handler = HandlerPool([adapted]).get_for_message(message)

    def read(self, bodies: list[bytes]) -> pa.ListArray:
        """One list of ``Resource*`` structs per body.

        Raises RefusedError or ValueError when any body cannot be read.
        """
        try:
            for body in filter(may_exhaust_stack, bodies):
                self._request.FromString(body)
        except DecodeError as error:
            raise RefusedError(str(error)) from error
        return self._handler.array_to_record_batch(pa.array(bodies, pa.binary())).column(0)


READERS: Final = {signal: Reader(signal) for signal in Signal}
