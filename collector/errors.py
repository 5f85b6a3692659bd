"""Every failure this program names, in one tree; each message says what to do about it.

    LockstitchError
    ├── SettingsError            the settings contradict each other or the machine; fatal at start
    ├── StoreError               the database file or the journal cannot be used
    │   ├── StoreTooNew          written by a newer build
    │   ├── StoreLocked          another process has it open
    │   ├── StoreUnavailable     takes no data at the moment (disk full, I/O error): senders retry
    │   │   └── StoreBusy        somebody still reads what has to be cleared away first
    │   └── QueryTimeout         a question took longer than it may: ask for less
    ├── Rejected                 the sender must change something; never retried
    │   ├── Malformed            the body is not what its content type says
    │   ├── TooLarge             over the size limit, before or after decompression
    │   ├── UnsupportedEncoding  content type or content encoding we do not speak
    │   └── Unauthenticated      no ingest token, or a wrong one
    ├── BadTarget                an alert cannot go there, or a silence cannot be kept like this
    │   ├── RefusedTarget        an address no alert may go to
    │   └── TargetTaken          its name, or the target itself, belongs to another
    ├── BadQuestion              a filter, time or cursor of a question cannot be read
    └── Overloaded               healthy but full: the sender tries again later

Wire codes for these live in ``collector/receive/replies.py`` and nowhere else.
"""


class LockstitchError(Exception):
    """Base of all errors raised on purpose; its text is shown to a person."""


class SettingsError(LockstitchError):
    """The settings cannot work; the process does not start."""


class StoreError(LockstitchError):
    """The database file or its journal cannot be used."""


class StoreTooNew(StoreError):
    """The file was written by a newer build than this one."""


class StoreLocked(StoreError):
    """Another process holds the database file."""


class StoreUnavailable(StoreError):
    """The store cannot take data now; what was answered is safe, senders should retry."""

    retry_after_s = 5


class StoreBusy(StoreUnavailable):
    """Something has to wait for who reads; it works as soon as they are done."""


class QueryTimeout(StoreError):
    """A question took longer than it may and was stopped."""


class Rejected(LockstitchError):
    """The request can never succeed as it is.

    ``reason`` is the short label it is counted under.
    """

    reason = "rejected"


class Malformed(Rejected):
    """The body cannot be decoded."""

    reason = "malformed"


class TooLarge(Rejected):
    """The body is over the limit, as sent or after decompression."""

    reason = "too_large"


class UnsupportedEncoding(Rejected):
    """The content type or content encoding is not one we decode."""

    reason = "unsupported_encoding"


class Unauthenticated(Rejected):
    """The request carries no valid ingest token."""

    reason = "unauthenticated"


class Overloaded(LockstitchError):
    """Too many bytes are in flight; the sender should wait ``retry_after_s`` seconds."""

    retry_after_s = 1


class BadTarget(LockstitchError):
    """A target or a silence cannot be saved as it is; the text says what to change."""


class RefusedTarget(BadTarget):
    """A target's address is on the deny-list; the text says how to allow it."""


class TargetTaken(BadTarget):
    """There is one of this name, it stands in the settings, or rules send to it."""


class BadQuestion(LockstitchError):
    """A parameter of a question to the store cannot be read; the text says what is accepted."""
