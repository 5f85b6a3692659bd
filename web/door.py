"""Hands requests to the collector's HTTP application without a port, as an import does.

The application is the one that listens in a running collector, so that what is imported goes the
same way as what is sent; see the ASGI specification, HTTP connection scope.
"""

import http.client
from typing import Any, Final

from collector.errors import Rejected
from collector.receive.access import Access
from collector.receive.http import OtlpApp, otlp_app
from collector.receive.intake import Intake
from collector.settings import Settings
from web.posts import Post

_LENGTH: Final = "content-length"


class Door:
    """Posts to the HTTP application of one intake, as this process itself."""

    def __init__(self, intake: Intake, access: Access, settings: Settings) -> None:
        self._app: OtlpApp = otlp_app(intake, access, settings)
        self._token = f"Bearer {access.own_token}"

    async def post(self, post: Post) -> None:
        """Returns once the request is taken.

        Raises:
            Rejected: it will never be; the text is the collector's.
        """
        headers = {name.lower(): value for name, value in post.headers.items()}
        headers |= {_LENGTH: str(len(post.body)), "authorization": self._token}
        scope = {
            "type": "http",
            "method": "POST",
            "path": post.path,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        status, answer = 0, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": post.body, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, answer
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                answer += message.get("body", b"")

        await self._app(scope, receive, send)
        if status != http.client.OK:
            told = answer.decode(errors="replace")
            raise Rejected(f"{post.path} was answered {status}: {told}")
