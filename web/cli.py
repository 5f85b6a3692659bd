"""The ``lockstitch`` command: serve, demo, import, token, password, check."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from collector.batch import Signal
from collector.errors import LockstitchError, SettingsError
from collector.receive.access import Access
from collector.receive.listener import HttpServer
from collector.service import Service, beside
from collector.settings import Settings, load
from web import logs
from web.app import create_app
from web.check import findings
from web.importing import import_files
from web.pauses import short_pauses
from web.samples import SampleData

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
token_cli = typer.Typer(no_args_is_help=True, help="Ingest tokens: shown once, stored hashed.")
cli.add_typer(token_cli, name="token")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Db = Annotated[Path | None, typer.Option("--db", help="Database file.")]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
HttpPort = Annotated[int | None, typer.Option("--http-port", help="OTLP/HTTP port, 0 = any.")]
GrpcPort = Annotated[int | None, typer.Option("--grpc-port", help="OTLP/gRPC port, 0 = any.")]
WebPort = Annotated[int | None, typer.Option("--web-port", help="Web UI port, 0 = any.")]
Config = Annotated[
    Path | None, typer.Option("--config", envvar="LOCKSTITCH_CONFIG", help="TOML settings file.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Any other setting, NAME=VALUE (see the settings table)."),
]
Insecure = Annotated[
    bool | None,
    typer.Option("--insecure", help="Listen beyond loopback without tokens and password."),
]


def main() -> None:
    """Entry point: a failure we name is one clear sentence, not a traceback."""
    try:
        cli()
    except LockstitchError as error:
        err.print(f"[bold red]lockstitch:[/] {error}", soft_wrap=True)
        sys.exit(2)


def _settings(config: Path | None, others: list[str] | None, **flags: Any) -> Settings:
    for pair in others or []:
        name, found, value = pair.partition("=")
        if not found:
            raise SettingsError(f"--set {pair}: write NAME=VALUE")
        flags[name.replace("-", "_")] = value
    settings = load(config, **flags)
    logs.configure(settings)
    return settings


def _run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


@cli.command()
def serve(
    db: Db = None,
    host: Host = None,
    http_port: HttpPort = None,
    grpc_port: GrpcPort = None,
    web_port: WebPort = None,
    config: Config = None,
    insecure: Insecure = None,
    others: Set = None,
) -> None:
    """Run the collector and the web UI in one process."""
    settings = _settings(
        config,
        others,
        db=db,
        host=host,
        http_port=http_port,
        grpc_port=grpc_port,
        web_port=web_port,
        insecure=insecure,
    )
    _run(_serve(settings, lambda _: None))


@cli.command()
def demo(
    host: Host = None,
    http_port: HttpPort = None,
    grpc_port: GrpcPort = None,
    web_port: WebPort = None,
    config: Config = None,
    insecure: Insecure = None,
    others: Set = None,
) -> None:
    """Run on a throw-away database with the recorded stories replayed, shifted to end now."""
    with tempfile.TemporaryDirectory(prefix="lockstitch-demo-") as directory:
        settings = _settings(
            config,
            others,
            db=Path(directory) / "demo.duckdb",
            host=host,
            http_port=http_port,
            grpc_port=grpc_port,
            web_port=web_port,
            insecure=insecure,
        )
        _run(_serve(settings, SampleData.start))


async def _serve(settings: Settings, after_start: Callable[[SampleData], None]) -> None:
    service = Service(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    starting = asyncio.create_task(service.start())
    stop = asyncio.create_task(stopping.wait())
    try:
        # A replay waits for as long as the database takes nothing.
        await asyncio.wait((starting, stop), return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            return
        await starting
        samples = SampleData(service)
        web = HttpServer(create_app(service, samples), service.web_socket, service.tls)
        await web.start()
        with short_pauses():
            _announce(service)
            after_start(samples)
            await stop
            out.print("stopping: storing what was taken")
        samples.stop()
        await web.stop()
    finally:
        starting.cancel()
        stop.cancel()
        await service.stop()


def _announce(service: Service) -> None:
    endpoints = service.endpoints
    out.print(f"[bold]Lockstitch {version('lockstitch')}[/]  {service.settings.db}")
    out.print(f"  look here        {endpoints.web}")
    out.print(f"  OTLP/HTTP        {endpoints.http}")
    out.print(f"  OTLP/gRPC        {endpoints.grpc}")
    if service.access.tokens:
        out.print("  senders need     Authorization: Bearer TOKEN")
    out.print("  Ctrl-C stops; everything answered is kept", soft_wrap=True)
    sys.stdout.flush()


@cli.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(help="OTLP, Firehose or CloudWatch log files.")],
    db: Db = None,
    config: Config = None,
    signal_name: Annotated[
        Signal | None, typer.Option("--signal", help="What a protobuf file holds.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Send to a running collector, such as http://127.0.0.1:4318."),
    ] = None,
    token: Annotated[str | None, typer.Option("--token", help="Ingest token for --to.")] = None,
    log_group: Annotated[
        str | None, typer.Option("--log-group", help="Group that exported CloudWatch logs are of.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="AWS region that exported logs are of.")
    ] = None,
    others: Set = None,
) -> None:
    """Import OTLP files, Firehose bodies and CloudWatch log exports, plain or gzip.

    Importing the same file again adds nothing.
    """
    settings = _settings(config, others, db=db)
    _run(
        import_files(
            files, settings, signal_name, to, token, out, log_group=log_group, region=region
        )
    )


@cli.command()
def check(
    db: Db = None,
    host: Host = None,
    http_port: HttpPort = None,
    grpc_port: GrpcPort = None,
    web_port: WebPort = None,
    config: Config = None,
    insecure: Insecure = None,
    others: Set = None,
) -> None:
    """Validate settings, database and ports; say what is wrong and how to mend it."""
    settings = _settings(
        config,
        others,
        db=db,
        host=host,
        http_port=http_port,
        grpc_port=grpc_port,
        web_port=web_port,
        insecure=insecure,
    )
    wrong = 0
    for finding in findings(settings):
        mark = "[green]ok   [/]" if finding.ok else "[red]wrong[/]"
        out.print(f"{mark} {finding.what}: {finding.detail}", soft_wrap=True)
        wrong += not finding.ok
    if wrong:
        raise typer.Exit(1)


def _access(db: Path | None, config: Path | None) -> Access:
    settings = _settings(config, None, db=db)
    settings.db.parent.mkdir(parents=True, exist_ok=True)
    return Access(beside(settings.db, ".access.json"))


Name = Annotated[str, typer.Argument(help="What the token is for, such as the function's name.")]


@token_cli.command("new")
def token_new(name: Name, db: Db = None, config: Config = None) -> None:
    """Make a token; it is shown once. From then on every sender needs one."""
    token = _access(db, config).new_token(name)
    out.print(token, soft_wrap=True)
    err.print(f"Send it as  Authorization: Bearer {token}\nIt is not shown again.", soft_wrap=True)


@token_cli.command("list")
def token_list(db: Db = None, config: Config = None) -> None:
    """List tokens by name and age; the tokens themselves are not kept."""
    table = Table("name", "created")
    for token in _access(db, config).tokens:
        table.add_row(token.name, f"{token.created:%Y-%m-%d %H:%M} UTC")
    out.print(table)


@token_cli.command("revoke")
def token_revoke(name: Name, db: Db = None, config: Config = None) -> None:
    """Revoke a token at once, also in a running collector."""
    access = _access(db, config)
    access.revoke_token(name)
    out.print(f"revoked {name}")
    if not access.tokens:
        err.print("No token is left: nobody can send until you make one.")


@cli.command()
def password(
    db: Db = None,
    config: Config = None,
) -> None:
    """Set the password of the web UI (asked for, or read from standard input)."""
    access = _access(db, config)
    secret = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    access.set_password(secret)
    out.print("the web UI asks for this password from now on")


if __name__ == "__main__":
    main()
