"""Whether data can be taken and stored now, as a sentence when not."""

import os
import shutil
from typing import Final

from collector.service import Service

_LEAST_FREE_BYTES: Final = 64 * 1024**2
"""One journal write of the largest request: with less, the next sender may be told to wait."""


def why_not_ready(service: Service) -> str | None:
    """What stands in the way; None when nothing does."""
    writer, directory = service.writer, service.journal.directory
    if writer.last_error is not None:
        return f"the database takes nothing: {writer.last_error}"
    if not writer.healthy:
        return "the writer has stopped: restart the collector; what was answered is in the journal"
    if service.intake.journal_error is not None:
        return f"the journal takes nothing: {service.intake.journal_error}"
    if not os.access(directory, os.W_OK):
        return f"the journal {directory} cannot be written: give this user write access to it"
    try:
        free_bytes = shutil.disk_usage(directory).free
    except OSError as error:
        return f"the journal {directory} cannot be reached: {error.strerror}"
    if free_bytes < _LEAST_FREE_BYTES:
        return f"only {free_bytes // 1024**2} MiB are free on the disk of {directory}: make room"
    return None
