"""Listening sockets and the uvicorn servers on them: bound before anything else starts."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Generator
from typing import Any

import uvicorn

from collector.errors import SettingsError
from collector.receive.connection import SWEEP_S, Connection, close_dripping


def listen(host: str, port: int, option: str) -> socket.socket:
    """A listening TCP socket on ``host:port`` (port 0: any free one).

    Raises:
        SettingsError: the port is taken or the address is not ours; names ``option``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"cannot listen on {host}:{port} ({error.strerror or error}): "
            f"stop what uses it, or pick another port with {option} (0 picks a free one)"
        ) from error
    return listening


def port_of(listening: socket.socket) -> int:
    """The port the socket is bound to."""
    return int(listening.getsockname()[1])


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: one process has three servers and one owner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpServer:
    """One ASGI application on one socket, within the running event loop."""

    def __init__(
        self,
        app: Any,
        listening: socket.socket,
        tls: ssl.SSLContext | None = None,
        *,
        idle_s: int = 75,
        drain_s: int = 10,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="error",  # its warnings are about what strangers send
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=idle_s,
            timeout_graceful_shutdown=drain_s,
            ssl_context_factory=(lambda *_: tls) if tls else None,
        )
        self._server = _QuietServer(config)
        self._socket = listening
        self._task: asyncio.Task[None] | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Returns once the application answers on its socket."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise SettingsError("the HTTP server ended while starting")
            await asyncio.sleep(0.005)
        self._sweep()

    async def stop(self) -> None:
        """Refuses new connections, lets requests in progress finish, then returns."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._server.should_exit = True
        if self._task is not None:
            await self._task

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        close_dripping(self._server.server_state.connections, loop.time())
        self._sweeper = loop.call_later(SWEEP_S, self._sweep)
