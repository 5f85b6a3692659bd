"""Real OpenTelemetry SDKs as senders: HTTP and gRPC, compressed, with tokens and over TLS."""

from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
    OTLPSpanExporter as HttpSpanExporter,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from collector.batch import Signal
from tests.build import export_request, span
from tests.receive.conftest import PROTOBUF, Collector, Start


def send(exporter: SpanExporter, name: str) -> None:
    """One span through the SDK, as an instrumented function sends it."""
    provider = TracerProvider(resource=Resource({"service.name": "orders"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("tests").start_as_current_span(name) as current:
        current.set_attribute("order.id", 7)
    provider.shutdown()


def arrived(collector: Collector, name: str) -> int:
    return int(collector.rows(f"select count(*) from spans where name = '{name}'")[0][0])


@pytest.mark.parametrize("compression", list(Compression))
def test_the_sdk_sends_over_http(collector: Collector, compression: Compression) -> None:
    """Whatever compression the exporter is set to."""
    name = f"http-{compression.value}"
    send(HttpSpanExporter(f"{collector.url}/v1/traces", compression=compression), name)

    assert arrived(collector, name) == 1


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_the_sdk_sends_over_grpc(collector: Collector, compression: grpc.Compression) -> None:
    """A unary client does not notice that we take its call as a stream."""
    name = f"grpc-{compression.value}"
    send(GrpcSpanExporter(collector.grpc_target, insecure=True, compression=compression), name)

    assert arrived(collector, name) == 1


def test_the_sdk_sends_its_token(start: Start) -> None:
    """Headers of the exporter's settings carry it on both transports."""
    collector = start()
    headers = {"authorization": f"Bearer {collector.service.access.new_token('orders')}"}
    send(HttpSpanExporter(f"{collector.url}/v1/traces", headers=headers), "http")
    send(GrpcSpanExporter(collector.grpc_target, insecure=True, headers=headers), "grpc")

    assert arrived(collector, "http") == arrived(collector, "grpc") == 1


def test_the_sdk_sends_over_tls(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One certificate serves both ports; a client that knows its issuer gets through."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)  # requests puts them above certificate_file
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issuer, certificate, key = tmp_path / "ca", tmp_path / "cert", tmp_path / "key"
    authority.cert_pem.write_to_path(str(issuer))
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    collector = start(tls_cert=certificate, tls_key=key)
    send(
        HttpSpanExporter(
            f"https://127.0.0.1:{collector.http_port}/v1/traces", certificate_file=str(issuer)
        ),
        "https",
    )
    credentials = grpc.ssl_channel_credentials(issuer.read_bytes())
    send(GrpcSpanExporter(collector.grpc_target, credentials=credentials), "grpcs")

    assert arrived(collector, "https") == arrived(collector, "grpcs") == 1


class TestTokensOverHttp:
    """The token is looked at first and nothing else happens without it."""

    @pytest.fixture(scope="class")
    @staticmethod
    def guarded(start: Start) -> tuple[Collector, str]:
        collector = start()
        return collector, collector.service.access.new_token("orders")

    def test_either_header_opens(self, guarded: tuple[Collector, str]) -> None:
        """Authorization for exporters, the other for Firehose."""
        collector, token = guarded
        body = export_request(span()).SerializeToString()
        for header in ({"Authorization": f"Bearer {token}"}, {"X-Amz-Firehose-Access-Key": token}):
            assert collector.post(Signal.TRACES, body, PROTOBUF | header).status == 200

    @pytest.mark.parametrize("value", [None, "Bearer ", "Bearer ls_wrong", "Basic abc", "Bearer é"])
    def test_anything_else_is_refused(
        self, guarded: tuple[Collector, str], value: str | None
    ) -> None:
        """401 says which scheme is wanted, whatever else the request would be refused for."""
        header: dict[str, Any] = {} if value is None else {"Authorization": value}
        answer = guarded[0].post(Signal.TRACES, b"\xff\xff", {"Content-Type": "x/y"} | header)

        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_nothing_is_inflated_for_strangers(
        self, guarded: tuple[Collector, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A bomb with a wrong token is never looked into."""
        collector, token = guarded
        looked_into: list[bytes] = []

        def watch(received: bytes, *_: object) -> bytes:
            looked_into.append(received)
            return b""

        monkeypatch.setattr("collector.receive.workers.inflate", watch)
        headers = PROTOBUF | {"Content-Encoding": "gzip"}
        stranger = headers | {"Authorization": "Bearer ls_wrong"}
        assert collector.post(Signal.TRACES, b"bomb", stranger).status == 401
        assert looked_into == []

        known = headers | {"Authorization": f"Bearer {token}"}
        assert collector.post(Signal.TRACES, b"bomb", known).status == 200
        assert looked_into == [b"bomb"]
