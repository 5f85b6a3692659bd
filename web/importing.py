"""``lockstitch import``: files through the same intake as live telemetry, with a progress bar."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from collector.batch import Signal
from collector.errors import LockstitchError, Overloaded, SettingsError
from collector.receive.access import Access
from collector.receive.admission import Admission
from collector.service import Pipeline, beside
from collector.settings import Settings
from web import captures
from web.aws_files import AwsFile
from web.captures import Recorded
from web.door import Door
from web.posts import Post
from web.sending import Sender

Send = Callable[[Recorded], Coroutine[None, None, int]]

_IN_FLIGHT = 64  # exports that share a commit; one at a time would wait for the disk each time


async def import_files(
    files: list[Path],
    settings: Settings,
    signal: Signal | None,
    to: str | None,
    token: str | None,
    out: Console,
    *,
    log_group: str | None = None,
    region: str | None = None,
) -> None:
    """Imports every file, into the database or to a running collector (``to``).

    ``log_group`` and ``region`` are what a CloudWatch log export does not say of itself.

    Raises:
        SettingsError: a file is missing, or some could not be read; the others are imported.
    """
    if missing := [str(path) for path in files if not path.is_file()]:
        raise SettingsError(f"no such file: {', '.join(missing)}")
    failures: list[str] = []
    async with _destination(settings, to, token) as send:
        with Progress(console=out) as progress:
            for path in files:
                task = progress.add_task(path.name, total=None)
                aws = AwsFile(path, log_group, region)
                try:
                    exports, rejected = await _import_one(
                        aws, signal, send, partial(progress.advance, task)
                    )
                except LockstitchError as error:
                    failures.append(str(error))
                    continue
                progress.update(task, total=exports, completed=exports)
                note = f", {rejected} records rejected" if rejected else ""
                out.print(f"{path}: {exports} exports{note}{_skipped(aws)}", soft_wrap=True)
    if failures:
        raise SettingsError("\n".join(failures))


def _skipped(aws: AwsFile) -> str:
    """What of the file could not be read; "" when all of it was."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(aws.skipped.items()))
    return f", not kept: {reasons}".replace("_", " ") if reasons else ""


async def _import_one(
    aws: AwsFile, signal: Signal | None, send: Send, advance: Callable[[], None]
) -> tuple[int, int]:
    exports = rejected = 0
    waiting: set[asyncio.Task[int]] = set()
    try:
        for recorded in captures.read(aws.path, signal, aws):
            if len(waiting) >= _IN_FLIGHT:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                done = {task for task in waiting if task.done()}
                rejected += sum(task.result() for task in done)
                waiting -= done
            waiting.add(asyncio.create_task(send(recorded)))
            exports += 1
            advance()
        rejected += sum(await asyncio.gather(*waiting))
    except BaseException:  # what was begun ends before the file is given up
        await asyncio.gather(*waiting, return_exceptions=True)
        raise
    return exports, rejected


@asynccontextmanager
async def _destination(
    settings: Settings, to: str | None, token: str | None
) -> AsyncIterator[Send]:
    if to is not None:
        with Sender(to, token) as sender:
            one_at_a_time = asyncio.Lock()  # the sender is one connection

            async def send(recorded: Recorded) -> int:
                async with one_at_a_time:
                    if not isinstance(recorded, Post):
                        return await sender.send_async(*recorded)
                    await sender.post_async(recorded)
                    return 0

            yield send
        return
    pipeline = Pipeline(settings)
    await pipeline.start()
    try:
        access = Access(beside(settings.db, ".access.json"))
        yield _into(pipeline, Door(pipeline.intake, access, settings))
    finally:
        await pipeline.stop()


async def _admission(pipeline: Pipeline, nbytes: int) -> Admission:
    while True:
        with suppress(Overloaded):
            return await pipeline.intake.admit(nbytes)


def _into(pipeline: Pipeline, door: Door) -> Send:
    in_order = asyncio.Lock()  # what Firehose delivers may correct what it delivered before

    async def send(recorded: Recorded) -> int:
        if isinstance(recorded, Post):
            async with in_order:
                await door.post(recorded)
            return 0
        signal, body = recorded
        admission = await _admission(pipeline, len(body))
        outcome = await pipeline.intake.accept(signal, body, admission)
        return outcome.rejected_count

    return send
