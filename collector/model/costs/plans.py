"""How a function is billed: its plan and what else prices depend on, told or assumed.

What telemetry does not say is taken from the ``[[functions]]`` of the settings by name pattern,
first match wins; else it is assumed, and the figure says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from collector.model.cost import Assumption
from collector.settings import FunctionSettings


class Plan(StrEnum):
    """Ways to bill; the value is the product in the price book."""

    LAMBDA = "lambda"
    LAMBDA_MANAGED = "lambda_managed_instances"
    AZURE_CONSUMPTION = "functions_consumption"
    AZURE_FLEX = "functions_flex"
    GOOGLE_1ST_GEN = "functions_1st_gen"
    CLOUD_RUN = "cloud_run"
    CLOUD_RUN_INSTANCE = "cloud_run_instance"
    WORKERS = "workers"


PROVIDER: Final = {
    Plan.LAMBDA: "aws", Plan.LAMBDA_MANAGED: "aws",
    Plan.AZURE_CONSUMPTION: "azure", Plan.AZURE_FLEX: "azure",
    Plan.GOOGLE_1ST_GEN: "gcp", Plan.CLOUD_RUN: "gcp", Plan.CLOUD_RUN_INSTANCE: "gcp",
    Plan.WORKERS: "cloudflare",
}  # fmt: skip

# What `plan` of the settings may say, by provider.
_SAID: Final = {
    "aws": {
        "on-demand": Plan.LAMBDA, "lambda": Plan.LAMBDA, "managed-instances": Plan.LAMBDA_MANAGED,
    },
    "azure": {
        "consumption": Plan.AZURE_CONSUMPTION, "flex": Plan.AZURE_FLEX,
        "flex-consumption": Plan.AZURE_FLEX,
    },
    "gcp": {
        "1st-gen": Plan.GOOGLE_1ST_GEN, "gen1": Plan.GOOGLE_1ST_GEN,
        "2nd-gen": Plan.CLOUD_RUN, "gen2": Plan.CLOUD_RUN, "cloud-run": Plan.CLOUD_RUN,
        "request-based": Plan.CLOUD_RUN, "instance-based": Plan.CLOUD_RUN_INSTANCE,
        "cloud-run-instance": Plan.CLOUD_RUN_INSTANCE,
    },
    "cloudflare": {"paid": Plan.WORKERS, "workers": Plan.WORKERS, "standard": Plan.WORKERS},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function runs, as its newest telemetry says; None: it does not."""

    provider: str | None = None
    platform: str | None = None
    region: str | None = None
    account_id: str | None = None
    memory_mb: int | None = None
    architecture: str | None = None
    plan: str | None = None  # as the names of its metrics tell


@dataclass(frozen=True, slots=True)
class Terms:
    """All that the price of a function depends on, but for its memory; what was assumed of it."""

    plan: Plan
    region: str | None
    account_id: str | None
    architecture: str
    memory_mb: int | None
    memory_is_told: bool
    vcpu: float | None
    ephemeral_storage_mb: int
    provisioned_concurrency: int
    assumptions: tuple[Assumption, ...]

    @property
    def provider(self) -> str:
        return PROVIDER[self.plan]


def rule_of(rules: Sequence[FunctionSettings], function: str) -> FunctionSettings:
    """What the settings say of a function; an empty rule where they say nothing."""
    found = (each for each in rules if fnmatchcase(function, each.match))
    return next(found, FunctionSettings(match="*"))


def terms_of(place: Place, rule: FunctionSettings) -> Terms | None:
    """How the function is billed; None on a platform that has no price per use."""
    provider = provider_of(place)
    if provider is None:
        return None
    plan, assumed = _plan(provider, place, rule)
    said = [assumed] if assumed else []
    architecture = rule.architecture or place.architecture
    if architecture is None and provider == "aws":
        said.append(
            Assumption("architecture_assumed", "architecture is not told: x86_64 is assumed")
        )
    memory_mb = rule.memory_mb or place.memory_mb
    return Terms(
        plan=plan,
        region=place.region,
        account_id=place.account_id,
        architecture=architecture or "x86_64",
        memory_mb=memory_mb,
        memory_is_told=memory_mb is not None,
        vcpu=rule.vcpu,
        ephemeral_storage_mb=rule.ephemeral_storage_mb or 512,
        provisioned_concurrency=rule.provisioned_concurrency or 0,
        assumptions=tuple(said),
    )


def provider_of(place: Place) -> str | None:
    """The provider whose prices hold; None: Knative, OpenFaaS, virtual machines, or not told."""
    platform = place.platform or ""
    if platform == "aws_lambda" or (place.provider == "aws" and not platform):
        return "aws"
    if platform.startswith(("azure.functions", "azure_functions")):
        return "azure"
    if platform in ("gcp_cloud_functions", "gcp_cloud_run", "gcp.cloud_functions", "gcp.cloud_run"):
        return "gcp"
    if platform.startswith("cloudflare") or place.provider == "cloudflare":
        return "cloudflare"
    return None


def _plan(provider: str, place: Place, rule: FunctionSettings) -> tuple[Plan, Assumption | None]:
    said = _SAID[provider].get((rule.plan or place.plan or "").strip().lower().replace("_", "-"))
    if said is not None:
        return said, None
    if rule.plan:
        known = ", ".join(_SAID[provider])
        text = f"plan {rule.plan!r} of the settings is none of {provider}'s: one of {known}"
        return _assumed(provider), Assumption("plan_unknown", text)
    if provider == "azure":
        return Plan.AZURE_CONSUMPTION, Assumption(
            "plan_assumed", "the plan is not told: Azure Consumption is assumed, not Flex"
        )
    if provider == "gcp" and "run" not in (place.platform or ""):
        return Plan.CLOUD_RUN, Assumption(
            "plan_assumed", "the generation is not told: 2nd gen, request-based, is assumed"
        )
    if provider == "gcp":
        return Plan.CLOUD_RUN, Assumption(
            "plan_assumed", "billing is not told: request-based is assumed"
        )
    return _assumed(provider), None


def _assumed(provider: str) -> Plan:
    return {"aws": Plan.LAMBDA, "azure": Plan.AZURE_CONSUMPTION, "gcp": Plan.CLOUD_RUN,
            "cloudflare": Plan.WORKERS}[provider]  # fmt: skip
