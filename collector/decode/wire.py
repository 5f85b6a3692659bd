"""Descriptors that read the bytes of OTLP but stop where ptars cannot go.

They are opentelemetry-proto's own, with three changes that keep the wire format:

- ``array_value`` and ``kvlist_value`` are bytes, because ptars cannot hold a recursive message;
  ``collector.decode.attributes`` decodes the few there are.
- ``resource`` and ``scope`` are *repeated* bytes, so that each distinct one is decoded once. A
  singular message that is sent twice is merged by protobuf, and the concatenation of the parts
  is by definition the merged message.
- enums are int32: an unknown number stays the number it is.

Fields that only profiles use (string table indexes) are left out: for the three signals
here they are unknown fields, and one costs 4 bytes for every attribute of every span.

What stays different from the reference parser, because no encoder writes it: an AnyValue that
holds two ``array_value`` (or two ``kvlist_value``) parts is merged by protobuf, here the last
one is taken; and one that holds a value followed by a string table index.
"""

from typing import Final

import pyarrow as pa
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from ptars import HandlerPool

from collector.batch import Signal

_Field = descriptor_pb2.FieldDescriptorProto
_OPAQUE: Final = {"array_value", "kvlist_value"}
_INTERNED: Final = {"resource", "scope"}
_PROFILES_ONLY: Final = {"key_strindex", "string_value_strindex"}

_SERVICES: Final = {
    Signal.TRACES: trace_service_pb2.DESCRIPTOR,
    Signal.METRICS: metrics_service_pb2.DESCRIPTOR,
    Signal.LOGS: logs_service_pb2.DESCRIPTOR,
}
_REQUESTS: Final = {
    Signal.TRACES: "ExportTraceServiceRequest",
    Signal.METRICS: "ExportMetricsServiceRequest",
    Signal.LOGS: "ExportLogsServiceRequest",
}


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
        if field.name in _OPAQUE | _INTERNED:
            field.type = _Field.TYPE_BYTES
            field.ClearField("type_name")
        if field.name in _INTERNED:
            field.label = _Field.LABEL_REPEATED
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


class Reader:
    """Reads exports of one signal into the nested Arrow shape of their protobuf message."""

    def __init__(self, signal: Signal) -> None:
        pool = descriptor_pool.DescriptorPool()
        for file in _with_dependencies(_SERVICES[signal]):
            pool.AddSerializedFile(_adapted(file).SerializeToString())
        adapted = pool.FindFileByName(_SERVICES[signal].name)
        message = adapted.message_types_by_name[_REQUESTS[signal]]
        self._handler = HandlerPool([adapted]).get_for_message(message)

    def read(self, bodies: list[bytes]) -> pa.ListArray:
        """One list of ``Resource*`` structs per body; ValueError when any body is refused."""
        batch = self._handler.array_to_record_batch(pa.array(bodies, pa.binary()))
        return batch.column(0)


READERS: Final = {signal: Reader(signal) for signal in Signal}
