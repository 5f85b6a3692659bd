"""Tokens, the web password and TLS, on the real ports."""

import http.client
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
import trustme
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from tests import build
from tests.end_to_end import serving, story
from tests.end_to_end.browsing import Visit, shoot
from tests.end_to_end.serving import Server

Serve = Callable[..., Server]
EXPORT = build.export_request(build.span())
SEND_PY = Path(__file__).parent / "python" / "send.py"


def new_token(server: Server, name: str) -> str:
    """Makes a token with the command line while the server runs."""
    ended = serving.run("token", "new", name, "--db", str(server.db))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def status_with(server: Server, token: str | None) -> int:
    """Status of an export sent with this token."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return server.send("traces", EXPORT.SerializeToString(), **headers).status


def test_tokens_open_and_close_a_running_server(serve: Serve) -> None:
    """Made, listed and revoked with the command line, obeyed without a restart."""
    server = serve()
    assert status_with(server, None) == 200
    token = new_token(server, "orders")

    serving.until(lambda: status_with(server, None) == 401)
    assert status_with(server, token) == 200
    assert status_with(server, token[:-1]) == 401
    listed = serving.run("token", "list", "--db", str(server.db)).stdout
    assert "orders" in listed
    assert token not in listed
    new_token(server, "other")
    assert serving.run("token", "revoke", "orders", "--db", str(server.db)).returncode == 0
    serving.until(lambda: status_with(server, token) == 401)


def test_tokens_are_wanted_over_grpc_too(serve: Serve) -> None:
    """UNAUTHENTICATED without, accepted with, in the metadata the SDKs send."""
    server = serve()
    token = new_token(server, "orders")
    with grpc.insecure_channel(server.grpc.removeprefix("http://")) as channel:
        stub = TraceServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refusal:
            stub.Export(EXPORT, timeout=60)
        stub.Export(EXPORT, timeout=60, metadata=[("authorization", f"Bearer {token}")])

    assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_token_is_kept_as_a_hash_only_the_owner_reads(serve: Serve) -> None:
    """The file beside the database does not hold what was shown."""
    server = serve()
    token = new_token(server, "orders")

    kept = server.db.with_name(server.db.name + ".access.json")
    assert token not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_the_web_password_is_asked_for(serve: Serve, visit: Callable[..., Visit]) -> None:
    """Wrong, then right, then on to the page first wanted; sign out closes it again."""
    server = serve()
    assert serving.run("password", "--db", str(server.db), stdin="korrekt pferd\n").returncode == 0
    serving.until(lambda: server.ask("GET", f"{server.web}/api/v1/traces").status == 401)
    visitor = visit(server.web)
    page = visitor.open("/traces?status=error")
    assert "/login" in page.url
    shoot(page, "login")

    visitor.expect(f"{server.web}/login", 401)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").get_by_text("not the password").wait_for()
    page.get_by_label("Password").fill("korrekt pferd")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/traces?status=error")
    cookie = next(c for c in page.context.cookies() if "session" in c["name"])
    assert cookie["httpOnly"]
    assert cookie["sameSite"] in ("Lax", "Strict")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login**")


def test_a_form_without_the_sessions_token_changes_nothing(server: Server) -> None:
    """Another site cannot press our buttons."""
    answer = server.ask("POST", f"{server.web}/setup/sample", b"csrf_token=guess")

    assert answer.status == 403


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A certificate for loopback: its chain, its key, and the authority that signed it."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    paths = folder / "chain.pem", folder / "key.pem", folder / "authority.pem"
    for blob in issued.cert_chain_pems:
        blob.write_to_path(paths[0], append=True)
    issued.private_key_pem.write_to_path(paths[1])
    authority.cert_pem.write_to_path(paths[2])
    return paths


def test_tls_covers_all_three_ports(
    serve: Serve, certificate: tuple[Path, Path, Path], visit: Callable[..., Visit]
) -> None:
    """The Python SDK over HTTP and gRPC, the JSON API and a page, all encrypted."""
    chain, key, authority = certificate
    trusting = ssl.create_default_context(cafile=str(authority))
    server = serve("--set", f"tls_cert={chain}", "--set", f"tls_key={key}", tls=trusting)
    assert {server.web[:6], server.http[:6], server.grpc[:6]} == {"https:"}

    for protocol in ("http/protobuf", "grpc"):
        told = story.tell(
            server, [sys.executable, SEND_PY], protocol=protocol, certificate=str(authority)
        )
        story.assert_trace(server, told)
    page = visit(server.web, ignore_https_errors=True).open("/traces")
    assert page.get_by_text("POST /checkout").count() > 0


def test_a_port_with_tls_takes_nothing_unencrypted(
    serve: Serve, certificate: tuple[Path, Path, Path]
) -> None:
    """A sender set up without TLS fails; it is not served in the clear."""
    chain, key, _ = certificate
    server = serve("--set", f"tls_cert={chain}", "--set", f"tls_key={key}")

    with pytest.raises((OSError, http.client.HTTPException)):
        server.ask("GET", server.web.replace("https:", "http:") + "/healthz")
