"""Login, CSRF, hosts, origins and headers of the web port."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.web.serving import HOST, Web
from web.passwords import MAX_FAILURES

PASSWORD = "correct horse"
OPEN = ("/healthz", "/readyz", "/login")
CLOSED = ("/api/v1/traces", "/traces", "/docs", "/api/v1/openapi.json")


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    yield web
    web.stop()


@pytest.fixture
def locked(web: Web) -> Web:
    """The same with a web password."""
    web.service.access.set_password(PASSWORD)
    return web


def csrf_token(client: TestClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', client.get(path).text)
    assert found is not None
    return found[1]


def login(client: TestClient, password: str = PASSWORD, **more: str) -> Any:
    fields = {"password": password, "csrf_token": csrf_token(client)} | more
    return client.post("/login", data=fields)


def test_without_a_password_everything_is_open(web: Web) -> None:
    """On this machine alone no login is asked for."""
    assert web.client.get("/api/v1/traces").status_code == 200


@pytest.mark.parametrize("path", CLOSED)
def test_with_a_password_nothing_is_shown_to_strangers(locked: Web, path: str) -> None:
    """Pages lead to the login, calls of the API get a challenge."""
    answer = locked.client.get(path)

    if path.startswith("/api/"):
        assert (answer.status_code, answer.json()["status"]) == (401, 401)
        assert answer.headers["www-authenticate"].startswith("Basic")
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=%2F")


@pytest.mark.parametrize("path", OPEN)
def test_probes_and_the_login_itself_stay_open(locked: Web, path: str) -> None:
    """Whoever runs the process must be able to ask."""
    assert locked.client.get(path).status_code == 200


def test_the_right_password_opens_a_session(locked: Web) -> None:
    """Back to the page that was asked for; the cookie is closed to scripts and other sites."""
    answer = login(locked.client, next="/api/v1/traces?limit=1")
    cookie = answer.headers["set-cookie"]

    assert (answer.status_code, answer.headers["location"]) == (303, "/api/v1/traces?limit=1")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert locked.client.get("/api/v1/traces").status_code == 200


def test_the_session_from_before_the_login_gains_nothing(locked: Web) -> None:
    """A cookie planted before the login is not the one that is signed in after it."""
    locked.client.get("/login")
    planted = locked.client.cookies["lockstitch_session"]
    login(locked.client)
    other = locked.new_client()
    other.cookies.set("lockstitch_session", planted)

    assert other.get("/api/v1/traces").status_code == 401


def test_a_wrong_password_and_guessing(locked: Web) -> None:
    """401 a few times, then 429 even for the right one, with when to try again."""
    codes = [login(locked.client, "wrong").status_code for _ in range(MAX_FAILURES)]
    answer = login(locked.client)

    assert codes == [401] * MAX_FAILURES
    assert (answer.status_code, "wait a minute" in answer.text) == (429, True)


def test_changing_the_password_ends_every_session(locked: Web) -> None:
    """The signing key changes with it."""
    login(locked.client)
    locked.service.access.set_password("another password")

    assert locked.client.get("/api/v1/traces").status_code == 401


def test_logging_out_ends_the_session(locked: Web) -> None:
    """The cookie is replaced by one that is not signed in."""
    login(locked.client)
    token = csrf_token(locked.client)
    answer = locked.client.post("/logout", data={"csrf_token": token})

    assert answer.headers["location"] == "/login"
    assert locked.client.get("/api/v1/traces").status_code == 401


def test_scripts_may_send_the_password_as_basic(locked: Web) -> None:
    """Any user name; a wrong password gets the challenge again."""
    client = locked.new_client()

    assert client.get("/api/v1/traces", auth=("any", PASSWORD)).status_code == 200
    assert client.get("/metrics", auth=("any", PASSWORD)).status_code == 200
    assert client.get("/api/v1/traces", auth=("any", "wrong")).status_code == 401
    assert client.get("/api/v1/traces", headers={"Authorization": "Basic ???"}).status_code == 401
    assert "set-cookie" not in client.get("/api/v1/traces", auth=("any", PASSWORD)).headers


def test_open_redirects_are_not_followed(locked: Web) -> None:
    """The login leads to paths on this site only."""
    for to in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert login(locked.new_client(), next=to).headers["location"].startswith("/")
        assert "evil" not in login(locked.new_client(), next=to).headers["location"]


@pytest.mark.parametrize("fields", [{}, {"csrf_token": "0" * 64}, {"csrf_token": "é"}])
def test_a_form_without_the_sessions_token_changes_nothing(
    locked: Web, fields: dict[str, str]
) -> None:
    """403 with what to do: reload."""
    locked.client.get("/login")
    answer = locked.client.post("/login", data={"password": PASSWORD} | fields)

    assert answer.status_code == 403
    assert "eload the page" in answer.text
    assert locked.client.get("/api/v1/traces").status_code == 401


def test_the_token_may_come_as_a_header(locked: Web) -> None:
    """htmx posts send it so."""
    token = csrf_token(locked.client)
    answer = locked.client.post(
        "/login", data={"password": PASSWORD}, headers={"X-CSRF-Token": token}
    )

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": HOST + ":81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_changes_from_other_sites_are_refused(web: Web, headers: dict[str, str]) -> None:
    """Even with the right token."""
    token = csrf_token(web.client)
    answer = web.client.post("/logout", data={"csrf_token": token}, headers=headers)

    assert answer.status_code == 403
    assert "this site's own pages" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8080", 200), ("localhost", 200), ("[::1]:8080", 200), ("evil.example", 403),
     ("127.0.0.1.evil.example", 403), ("", 403), ("[", 403)],
)  # fmt: skip
def test_an_open_port_answers_to_this_machines_names_only(web: Web, host: str, status: int) -> None:
    """A page elsewhere whose name was pointed at 127.0.0.1 reads nothing."""
    answer = web.client.get("/api/v1/traces", headers={"Host": host})

    assert answer.status_code == status


def test_with_a_password_any_name_will_do(locked: Web) -> None:
    """Behind a proxy the host is the proxy's; the password protects."""
    answer = locked.client.get(
        "/api/v1/traces", headers={"Host": "traces.example"}, auth=("any", PASSWORD)
    )

    assert answer.status_code == 200


def test_every_answer_has_the_security_headers(web: Web) -> None:
    """Also refusals: a strict policy, no sniffing, no framing, nothing kept in caches."""
    for path in ("/docs", "/api/v1/traces", "/api/v1/nothing", "/healthz"):
        headers = web.client.get(path).headers
        policy = headers["content-security-policy"]

        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_static_files_are_kept_for_ever(web: Web) -> None:
    """Their address holds the hash of what they hold."""
    style = re.findall(r'href="(/static/[^"]+css)"', web.client.get("/docs").text)[0]

    assert "immutable" in web.client.get(style).headers["cache-control"]
