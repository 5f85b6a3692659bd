"""The one table of options: name, default, meaning; read once, from flags, environment and file.

Precedence is flag > ``LOCKSTITCH_*`` environment variable > TOML file. The table in README.md is
tested against :class:`Settings`, so a new option is documented or the build fails.
"""

import ipaddress
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from collector.errors import SettingsError


class CorrelationSettings(BaseModel):
    """``[correlation]``: what names a business event, and how far its evidence reaches.

    ``look_back_hours`` bounds how far apart two mentions of one correlation id, business id or
    object key still tie; message, request and event ids have ``message_look_back_days``. A value on
    more than ``hub_fragments`` fragments within 24 hours ties nothing. Joints below
    ``min_confidence`` do not connect.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    attributes: tuple[str, ...] = ()
    look_back_hours: float = Field(default=24.0, gt=0, le=24 * 90)
    message_look_back_days: float = Field(default=14.0, gt=0, le=90)
    hub_fragments: int = Field(default=500, ge=2, le=20_000)
    min_confidence: float = Field(default=0.5, gt=0, le=1)


class FunctionSettings(BaseModel):
    """One ``[[functions]]`` entry: what telemetry does not say about functions of a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str
    architecture: Literal["x86_64", "arm64"] | None = None
    memory_mb: int | None = Field(default=None, gt=0)
    plan: str | None = None
    owner: str | None = None
    concurrency_limit: int | None = Field(default=None, gt=0)
    vcpu: float | None = Field(default=None, gt=0, le=64)
    ephemeral_storage_mb: int | None = Field(default=None, ge=512, le=10_240)
    provisioned_concurrency: int | None = Field(default=None, ge=0)
    budget_usd: Decimal | None = Field(default=None, gt=0)
    sample_ratio: float | None = Field(default=None, gt=0, le=1)


class QueueSettings(BaseModel):
    """One ``[[queues]]`` entry: what telemetry does not say about queues of a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str
    dlq_of: str | None = None
    owner: str | None = None
    max_receives: int | None = Field(default=None, gt=0)
    kind: (
        Literal[
            "sqs", "sqs_fifo", "sns", "sns_fifo", "eventbridge", "cloudflare_queues",
            "step_functions", "step_functions_express", "free",
        ]
        | None
    ) = None  # fmt: skip


class PriceTier(BaseModel):
    """One tier of a price: ``up_to`` so many units a month; the last has no end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: Decimal = Field(ge=0)
    up_to: Decimal | None = Field(default=None, gt=0)


class PriceSettings(BaseModel):
    """One ``[[prices]]`` entry: a price of your own, which comes before the built-in ones.

    ``usd`` of one ``unit``, or ``tiers``. ``since`` and ``until`` (not included) are days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Literal["aws", "azure", "gcp", "cloudflare"]
    product: str
    item: str
    unit: str = ""
    usd: Decimal | None = Field(default=None, ge=0)
    tiers: tuple[PriceTier, ...] = ()
    regions: tuple[str, ...] = ("*",)
    architecture: Literal["x86_64", "arm64"] | None = None
    free_per_month: Decimal = Field(default=Decimal(0), ge=0)
    since: date = date(2020, 1, 1)
    until: date | None = None
    source: str = "your settings"
    verified: bool = True

    @model_validator(mode="after")
    def _is_one_price(self) -> Self:
        name = f"{self.provider} {self.product} {self.item}"
        if (self.usd is None) == (not self.tiers):
            raise ValueError(f"the price of {name} needs usd, or tiers, and not both")
        bounds = [tier.up_to for tier in self.tiers]
        if bounds and (bounds[-1] is not None or None in bounds[:-1]):
            raise ValueError(
                f"the last tier of {name}, and it alone, has no up_to: it is for all beyond"
            )
        known = [each for each in bounds if each is not None]
        if known != sorted(set(known)):
            raise ValueError(f"the tiers of {name} must rise: order them by up_to")
        if self.until is not None and self.until <= self.since:
            raise ValueError(f"the price of {name} ends before it begins: until is not after since")
        return self


class CostSettings(BaseModel):
    """``[costs]``: how costs are counted. ``budget_usd`` is of a month, all functions together.

    ``free_tier`` takes off what providers give each account for nothing; off, since one account has
    it once and other systems of yours may use it up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    free_tier: bool = False
    budget_usd: Decimal | None = Field(default=None, gt=0)


# Where no alert may go. A program in a cloud can ask these addresses for its own credentials, so
# whoever may name a webhook could read them; what is unspecified connects to this machine.
DENIED: Final = (
    "169.254.0.0/16", "fe80::/10", "0.0.0.0/8", "::/128",
    "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "metadata", "metadata.google.internal", "metadata.goog", "instance-data",
    "instance-data.ec2.internal", "metadata.azure.internal", "metadata.tencentyun.com",
)  # fmt: skip


class TargetSettings(BaseModel):
    """One ``[[alerts.targets]]`` entry, or one saved through the API: where alerts go.

    ``kind`` may be left out: http and https are webhooks, every other scheme is apprise's.
    ``secret`` signs webhooks, ``headers`` go with them; neither they nor ``url`` are shown again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")
    kind: Literal["webhook", "apprise"] = "webhook"
    url: SecretStr
    secret: SecretStr | None = None
    headers: dict[str, SecretStr] = {}
    repeat_hours: float | None = Field(default=None, ge=0, le=24 * 30)
    send_resolved: bool = True

    @model_validator(mode="before")
    @classmethod
    def _kind_by_scheme(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("kind") is not None:
            return given
        url = given.get("url")
        text = url.get_secret_value() if isinstance(url, SecretStr) else str(url)
        webhook = text.lower().startswith(("http://", "https://"))
        return given | {"kind": "webhook" if webhook else "apprise"}


class DeliverySettings(BaseModel):
    """The part of ``[alerts]`` that says where alerts go, and how they are sent.

    ``denied`` lists networks, addresses and host names that no webhook may go to. Changes of one
    rule within ``group_wait_s`` go out as one message, a firing alert again every
    ``repeat_hours`` (0: never). One attempt may take ``send_timeout_s``; a message that cannot be
    delivered is given up after ``give_up_hours``. ``public_url`` is where people open this web
    UI: messages then link to it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: tuple[TargetSettings, ...] = ()
    denied: tuple[str, ...] = DENIED
    group_wait_s: float = Field(default=5.0, ge=0, le=600)
    repeat_hours: float = Field(default=4.0, ge=0, le=24 * 30)
    send_timeout_s: float = Field(default=10.0, gt=0, le=60)
    give_up_hours: float = Field(default=24.0, gt=0, le=24 * 7)
    public_url: str | None = None


class AlertSettings(DeliverySettings):
    """``[alerts]``: how often rules are evaluated, and the rules that are kept in files.

    Windows end ``delay_s`` before now, so that telemetry on its way can arrive. ``files`` are TOML
    files of ``[[rules]]``; ``rules`` are the same as ``[[alerts.rules]]``. What a rule may say is
    read by ``collector.alerts``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    evaluate_every_s: float = Field(default=15.0, gt=0, le=3600)
    delay_s: float = Field(default=20.0, ge=0, le=3600)
    files: tuple[Path, ...] = ()
    rules: tuple[dict[str, Any], ...] = ()


def _option(default: Any, description: str, **limits: Any) -> Any:
    return Field(default=default, description=description, **limits)


class Settings(BaseSettings):
    """Every option of the product. Sizes take units (``64MiB``)."""

    model_config = SettingsConfigDict(
        env_prefix="LOCKSTITCH_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    db: Path = _option(
        Path("lockstitch.duckdb"), "Database file; its journal and access file lie beside it"
    )
    host: str = _option("127.0.0.1", "Address all three ports listen on")
    http_port: int = _option(4318, "OTLP/HTTP port; 0 picks a free one", ge=0, le=65535)
    grpc_port: int = _option(4317, "OTLP/gRPC port; 0 picks a free one", ge=0, le=65535)
    web_port: int = _option(8080, "Web UI and JSON API port; 0 picks a free one", ge=0, le=65535)
    insecure: bool = _option(
        False, "Listen beyond loopback although there are no ingest tokens or no web password"
    )
    tls_cert: Path | None = _option(None, "PEM certificate chain for all three ports")
    tls_key: Path | None = _option(None, "PEM private key that goes with `tls_cert`")
    cors_origins: tuple[str, ...] = _option(
        (), "Browser origins that may send OTLP/HTTP; none by default"
    )

    max_request_bytes: ByteSize = _option(
        ByteSize(64 * 1024**2), "Largest request, also after decompression", gt=0
    )
    max_in_flight_bytes: ByteSize = _option(
        ByteSize(24 * 1024**2),
        "Bytes taken but not yet stored; beyond it senders are told to retry",
        gt=0,
    )
    max_attributes: int = _option(
        1000, "Most attributes on one record; records with more are rejected", gt=0
    )

    retention_days: float = _option(14.0, "Delete telemetry older than this", gt=0)
    max_store_bytes: ByteSize = _option(
        ByteSize(20 * 1024**3), "Delete the oldest telemetry when the store is larger", gt=0
    )
    dedup_window_hours: float = _option(
        24.0, "The same export again within this time counts once", gt=0
    )

    duckdb_memory: ByteSize = _option(ByteSize(224 * 1024**2), "DuckDB's own memory limit", gt=0)
    duckdb_threads: int = _option(
        1, "Threads DuckDB uses for one question; more slow down all that goes on at once", gt=0
    )
    checkpoint_bytes: ByteSize = _option(
        ByteSize(64 * 1024**2), "Size of DuckDB's write-ahead log that starts a checkpoint", gt=0
    )
    query_timeout_s: float = _option(20.0, "Longest time one page or API question may take", gt=0)

    log_level: Literal["debug", "info", "warning", "error"] = _option(
        "info", "Least severe log line shown"
    )
    log_format: Literal["console", "json"] = _option("console", "How log lines are written")

    correlation: CorrelationSettings = _option(
        CorrelationSettings(),
        "`[correlation]` table: what names a business event, and how far its evidence reaches",
    )
    functions: tuple[FunctionSettings, ...] = _option(
        (), "`[[functions]]` tables: facts about functions by name pattern, first match wins"
    )
    queues: tuple[QueueSettings, ...] = _option(
        (), "`[[queues]]` tables: facts about queues by name pattern, first match wins"
    )
    costs: CostSettings = _option(
        CostSettings(), "`[costs]` table: whether free tiers count, and the budget of a month"
    )
    prices: tuple[PriceSettings, ...] = _option(
        (), "`[[prices]]` tables: prices of your own, before the built-in ones"
    )
    alerts: AlertSettings = _option(
        AlertSettings(),
        "`[alerts]` table: how often rules are evaluated, rules kept in files, where alerts go",
    )

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together: give both or neither")
        return self

    @property
    def is_loopback(self) -> bool:
        """True when ``host`` can be reached from this machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def load(config: Path | None = None, **flags: Any) -> Settings:
    """Reads the settings; ``flags`` that are None count as not given.

    Raises:
        SettingsError: one sentence a line for everything that is wrong.
    """

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (
                init_settings,
                env_settings,
                TomlConfigSettingsSource(settings_cls, toml_file=config),
            )

    if config is not None and not config.is_file():
        raise SettingsError(f"config file {config} does not exist: check --config")
    try:
        return FromFile(**{name: value for name, value in flags.items() if value is not None})
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"config file {config} is not TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(item) for item in error.errors())) from error


def _sentence(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"{name} is not a setting: see the settings table in README.md"
    return (
        f"{name}: {item['msg'].removeprefix('Value error, ')}"
        if name
        else item["msg"].removeprefix("Value error, ")
    )
