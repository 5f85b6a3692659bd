"""Whether we may listen where the settings say, and with which TLS certificate."""

import ssl
from pathlib import Path

import structlog

from collector.errors import SettingsError
from collector.receive.access import Access
from collector.settings import Settings

_log = structlog.get_logger(__name__)


def require_safe(settings: Settings, access: Access) -> None:
    """Refuses to listen beyond this machine without tokens and a web password.

    From then on tokens stay demanded, also when the last one is revoked. What remains risky is
    logged as a warning.

    Raises:
        SettingsError: something is unprotected and ``insecure`` is not set.
    """
    if settings.is_loopback:
        return
    missing = _unprotected(access)
    if missing and not settings.insecure:
        steps = "\n".join(f"  {command}" for command in missing)
        raise SettingsError(
            f"listening on {settings.host} lets others send and look; protect it first:\n{steps}\n"
            "or give --insecure if the network around it is trusted"
        )
    if not settings.insecure:
        access.demand_tokens()
    for warning in _warnings(settings, missing):
        _log.warning(warning)


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS set-up of the HTTP ports; None without a certificate.

    Raises:
        SettingsError: a file is missing, unreadable or not PEM, or they do not belong together.
    """
    files = tls_files(settings)
    if files is None:
        return None
    certificate, key = files
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except ssl.SSLError as error:
        raise SettingsError(_explained(certificate, key, error)) from error
    return context


def tls_files(settings: Settings) -> tuple[Path, Path] | None:
    """Certificate chain and key, both readable; None without.

    Raises:
        SettingsError: one cannot be read.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    for option, path in (("tls_cert", settings.tls_cert), ("tls_key", settings.tls_key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise SettingsError(
                f"{option}: cannot read {path} ({error.strerror}): check the path and that this "
                "user may read it"
            ) from error
    return settings.tls_cert, settings.tls_key


def _unprotected(access: Access) -> list[str]:
    """The commands still to run."""
    commands = []
    if not access.tokens:
        commands.append("lockstitch token new NAME")
    if not access.has_password:
        commands.append("lockstitch password")
    return commands


def _warnings(settings: Settings, missing: list[str]) -> list[str]:
    warnings = []
    if missing:
        warnings.append(
            f"whoever reaches {settings.host} may send and look (--insecure); to change that, run "
            + " and ".join(missing)
        )
    if settings.tls_cert is None:
        warnings.append(
            "tokens and telemetry travel unencrypted: set tls_cert and tls_key, or put TLS in front"
        )
    return warnings


def _no_passphrase() -> str:
    raise SettingsError("tls_key is encrypted: give one without a passphrase")


def _explained(certificate: Path, key: Path, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"tls_key {key} is not the key of tls_cert {certificate}: give the pair"
    return (
        f"tls_cert {certificate} or tls_key {key} is not PEM ({error.reason or error}): "
        "tls_cert holds the certificate chain, tls_key its private key"
    )
