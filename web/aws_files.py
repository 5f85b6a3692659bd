"""What AWS keeps in files, as OTLP exports: for ``lockstitch import``.

Firehose requests; what Firehose wrote to its bucket, delivered or not; log groups as the export
task writes them (a line an event, later lines of an event without a time) and as ``aws logs
filter-log-events``, ``get-log-events`` and ``tail`` print them; batches of the Telemetry API.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from collector.batch import Signal
from collector.decode.aws.cloudwatch_logs import add_events, is_logs, read_logs
from collector.decode.aws.lambda_telemetry import Environment, is_event, read_events, time_of
from collector.decode.aws.metric_streams import is_metric, read_data
from collector.decode.aws.origin import Around, of_lambda_log
from collector.decode.aws.translated import Translated
from collector.errors import Malformed
from collector.receive.firehose_delivery import read_records
from collector.receive.firehose_records import RecordReader

Exports = Iterator[tuple[Signal, bytes]]
Members = dict[str, Any]

# What one export of lines holds at most; what the records of one request may inflate to.
_EVENTS: Final = 5_000
_INFLATED_BYTES: Final = 4 * 1024**3

_LINE: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))\s(.*)", re.DOTALL
)
_STREAM: Final = re.compile(r"(\d{4}/\d\d/\d\d/\S*\[[^\]]*\][0-9a-f]{32})\s(.*)", re.DOTALL)
# The export task puts a stream into a folder named after it, with - for /.
_FOLDER: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(.*\[.*)")


@dataclass(slots=True)
class AwsFile:
    """One file: what the user says about it, and what of it is not kept, by reason."""

    path: Path
    log_group: str | None = None
    region: str | None = None
    skipped: Counter[str] = field(default_factory=Counter)

    def read_item(self, item: Any) -> Callable[[], Exports] | None:
        """How to read one JSON value of the file; None when AWS writes nothing like it."""
        if isinstance(item, list):
            events = bool(item) and all(isinstance(each, dict) and is_event(each) for each in item)
            return (lambda: self._telemetry(item)) if events else None
        if not isinstance(item, dict):
            return None
        records = item.get("records")
        if isinstance(records, list) and all("data" in each for each in records if each):
            return lambda: self._records(records)
        if isinstance(item.get("rawData"), str):
            return lambda: self._records([{"data": item["rawData"]}])
        if isinstance(item.get("events"), list):
            return lambda: self._printed(item["events"])
        if is_event(item):
            return lambda: self._telemetry([item])
        if is_logs(item) or is_metric(item) or "awslogs" in item:
            return lambda: self._object(item)
        return None

    def read_lines(self, lines: Iterable[str]) -> Exports:
        """A log group as text."""
        streams: dict[str | None, list[Members]] = {}
        count = 0
        last: Members | None = None
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                if last is not None:
                    last["message"] += line
                elif line.strip():
                    raise Malformed(f"{self.path} is neither telemetry nor an exported log")
                continue
            if count == _EVENTS:
                yield from self._streams(streams)
                streams, count = {}, 0
            stream, message = self._stream, found[2]
            if named := _STREAM.match(message):
                stream, message = named[1], named[2]
            time_ns = time_of(found[1])
            last = {"timestamp": (time_ns or 0) // 1_000_000, "message": message}
            streams.setdefault(stream, []).append(last)
            count += 1
        yield from self._streams(streams)

    @property
    def _around(self) -> Around:
        return Around(self.region)

    @property
    def _stream(self) -> str | None:
        """The log stream an exported file is of, by its folder."""
        found = _FOLDER.fullmatch(self.path.absolute().parent.name)
        return f"{found[1]}/{found[2]}/{found[3]}/{found[4]}" if found else None

    def _records(self, records: list[Any]) -> Exports:
        reader = RecordReader(self._around, _INFLATED_BYTES)
        for found in read_records(records, reader):
            yield from self._given(found)

    def _printed(self, events: list[Any]) -> Exports:
        """Events as the command line prints them, those of one stream together."""
        streams: dict[str | None, list[Any]] = {}
        for event in events:
            stream = event.get("logStreamName") if isinstance(event, dict) else None
            streams.setdefault(stream if isinstance(stream, str) else None, []).append(event)
        yield from self._streams(streams)

    def _streams(self, streams: dict[str | None, list[Any]]) -> Exports:
        if streams and self.log_group is None:
            raise Malformed(
                f"{self.path} does not say which log group it is of: give --log-group NAME"
            )
        for stream, events in streams.items():
            into = Translated()
            said = of_lambda_log(
                account_id=None, region=self.region, log_group=self.log_group, log_stream=stream
            )
            add_events(events, said, self._around, into)
            yield from self._given(into)

    def _telemetry(self, events: list[Any]) -> Exports:
        group = re.fullmatch(r"/aws/lambda/(.+)", self.log_group or "")
        environment = Environment(function=group[1] if group else "", region=self.region or "")
        yield from self._given(read_events(events, environment))

    def _object(self, members: Members) -> Exports:
        into = Translated()
        if is_metric(members):
            read_data([members], self._around, into)
        elif is_logs(members):
            read_logs(members, self._around, into)
        else:
            yield from self._records([{"data": members}])
        yield from self._given(into)

    def _given(self, found: Translated) -> Exports:
        for (_, reason), count in found.rejected.items():
            self.skipped[reason] += count
        self.skipped.update(found.unreadable)
        yield from found.bodies.items()
