"""Bills worked out by hand from the providers' published rules, reproduced to the last digit."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from collector.model.cost import Split
from collector.model.costs import rounding
from collector.model.costs.bill import Amount, Fate, bill
from collector.model.costs.book import make_book
from collector.model.costs.fees import Destination, Messages, fee_rate
from collector.model.costs.plans import Place, rule_of, terms_of
from collector.model.costs.pricing import Pricing
from collector.model.costs.rates import Rate
from collector.settings import FunctionSettings, QueueSettings

MS: Final = 1_000_000
DAY: Final = date(2026, 11, 20)
LAMBDA: Final = Place("aws", "aws_lambda", "us-east-1", "123456789012")
AZURE: Final = Place("azure", "azure.functions", "westeurope")
FUNCTIONS: Final = Place("gcp", "gcp_cloud_functions", "us-central1")
RUN: Final = Place("gcp", "gcp_cloud_run", "us-central1")
WORKERS: Final = Place("cloudflare", "cloudflare.workers")
BEFORE_INIT: Final = rounding.INIT_BILLED_SINCE_NS - 1
SINCE_INIT: Final = rounding.INIT_BILLED_SINCE_NS


def rate(place: Place, memory_mb: int | None, **rule: Any) -> Rate:
    """The rate of a function of which the settings say ``rule``."""
    pricing = Pricing(make_book(), [FunctionSettings(match="*", **rule)])
    terms = pricing.terms("fn", place)
    assert terms is not None
    return pricing.rate(terms, memory_mb, DAY, {})


def usd(found: Rate, exec_us: int, init_us: int = 0) -> Decimal:
    """The cost of one invocation."""
    amount = Amount(Fate.OK, found.memory_mb, Decimal(1000), Decimal(exec_us), Decimal(init_us))
    return bill(amount, found).total_usd


@pytest.mark.parametrize(
    ("memory_mb", "billed_ms", "rule", "expected"),
    [
        # 1.224 s x 0.5 GB x 0.0000166667 + 0.0000002
        (512, 1224, {}, "0.0000104000204"),
        # 1.224 x 0.5 x 0.0000133334 + 0.0000002
        (512, 1224, {"architecture": "arm64"}, "0.0000083600408"),
        # 0.001 x 128/1024 x 0.0000166667 + 0.0000002
        (128, 1, {}, "0.0000002020833375"),
        # 900 s x 10240/1024 x 0.0000166667 + 0.0000002
        (10_240, 900_000, {}, "0.1500005"),
        # on provisioned concurrency: 1 x 1 x 0.0000097222 + 0.0000002
        (1024, 1000, {"provisioned_concurrency": 2}, "0.0000099222"),
        # unverified: 1 x 1 x 0.0000077778 + 0.0000002
        (1024, 1000, {"provisioned_concurrency": 2, "architecture": "arm64"}, "0.0000079778"),
        # 2560 - 512 MB of storage: 2 GB x 1 s x 0.0000000309, beside 1 x 0.0000166667 + 0.0000002
        (1024, 1000, {"ephemeral_storage_mb": 2560}, "0.0000169285"),
        # managed instances: no charge for the time
        (1024, 1000, {"plan": "managed-instances"}, "0.0000002"),
    ],
)
def test_a_lambda_invocation_costs(
    memory_mb: int, billed_ms: int, rule: dict[str, Any], expected: str
) -> None:
    """Requests, GB-s by architecture, provisioned concurrency, storage beyond 512 MB."""
    assert usd(rate(LAMBDA, memory_mb, **rule), billed_ms * 1000) == Decimal(expected)


@pytest.mark.parametrize(
    ("region", "expected"),
    [("eu-central-1", "0.0000119011"), ("ap-northeast-1", "0.0000127615")],
)
def test_provisioned_prices_are_the_regions_own(region: str, expected: str) -> None:
    """1 GB-s at 0.0000117011 in eu-central-1, 0.0000125615 in ap-northeast-1, and the request."""
    place = Place("aws", "aws_lambda", region)
    found = usd(rate(place, 1024, provisioned_concurrency=1), 1_000_000)

    assert found == Decimal(expected)


def test_a_region_with_prices_of_its_own_is_billed_by_them() -> None:
    """Cape Town: 0.0000221 a GB-s and 0.27 a million; one the book lacks says which it took."""
    cape = rate(Place("aws", "aws_lambda", "af-south-1"), 1024)
    unknown = rate(Place("aws", "aws_lambda", "me-south-1"), 1024)

    assert usd(cape, 1_000_000) == Decimal("0.00002237")
    assert "region_not_in_book" not in codes(cape)
    assert "region_not_in_book" in codes(unknown)


def test_a_held_unit_of_provisioned_concurrency_costs() -> None:
    """2 GB held for a second: 2 x 0.0000041667."""
    found = rate(LAMBDA, 2048, provisioned_concurrency=1)

    assert found.held_usd_per_s == Decimal("0.0000083334")


@pytest.mark.parametrize(
    ("start_ns", "duration_ns", "cold_ns", "billed_ns", "expected"),
    [
        (SINCE_INIT, 10 * MS + 1, None, None, (11_000, 0)),  # begun milliseconds count
        (BEFORE_INIT, 10 * MS, 300 * MS, None, (10_000, 0)),  # INIT was free
        (SINCE_INIT, 10 * MS, 300 * MS + 400_000, None, (10_000, 301_000)),
        (SINCE_INIT, 10 * MS + 500_000, 300 * MS, 311 * MS, (11_000, 300_000)),  # as REPORT says
        (BEFORE_INIT, 10 * MS + 500_000, 300 * MS, 11 * MS, (11_000, 0)),  # not in it
        (SINCE_INIT, 10 * MS + 500_000, 300 * MS, 11 * MS, (11_000, 0)),  # REPORT holds
        (SINCE_INIT, None, None, 60_000 * MS, (60_000_000, 0)),
        (SINCE_INIT, None, None, None, None),
    ],
)
def test_init_is_billed_since_august_2025(
    start_ns: int,
    duration_ns: int | None,
    cold_ns: int | None,
    billed_ns: int | None,
    expected: tuple[int, int] | None,
) -> None:
    """Time in whole milliseconds; what REPORT says was billed holds."""
    assert rounding.lambda_us(start_ns, duration_ns, cold_ns, billed_ns) == expected


@pytest.mark.parametrize(
    ("units", "free", "expected"),
    [
        ("1000000", False, "0.0000166667"),  # all in the first tier
        # 6 B x 0.0000166667 + 1 B x 0.000015, of 7 B
        ("7000000000", False, "0.00001642860000000000000000000000"),
        # 6 B x 0.0000166667 + 9 B x 0.000015 + 5 B x 0.0000133334, of 20 B
        ("20000000000", False, "0.00001508336"),
        ("400000", True, "0"),  # the free amount
        # 400,000 of 800,000 free
        ("800000", True, "0.00000833335"),
    ],
)
def test_tiers_and_free_amounts_are_shared_over_the_month(
    units: str, free: bool, expected: str
) -> None:
    """A GB-s of a month with so many costs the average."""
    found = make_book().find(
        "aws", "lambda", "duration", DAY, region="us-east-1", architecture="x86_64"
    )
    assert found is not None

    assert found.price.average_usd(Decimal(units), free=free) == Decimal(expected)


def test_free_amounts_are_shared_by_architectures_and_regions() -> None:
    """400,000 GB-s of 600,000 x86 and 200,000 arm64: half of each is free."""
    pool = ("aws", "lambda", "duration")
    usage = {
        (*pool, "x86_64", "us-east-1", "123456789012"): Decimal(600_000),
        (*pool, "arm64", "eu-west-1", "123456789012"): Decimal(200_000),
    }
    pricing = Pricing(make_book(), free_tier=True)
    terms = terms_of(LAMBDA, FunctionSettings(match="*", architecture="x86_64"))
    assert terms is not None
    found = pricing.rate(terms, 1024, DAY, usage)

    assert found.usd_per_us * 10**6 == Decimal("0.0000166667") / 2


def test_tiers_of_arm64_begin_elsewhere() -> None:
    """7.5 B x 0.0000133334 + 0.5 B x 0.0000120001, of 8 B."""
    found = make_book().find(
        "aws", "lambda", "duration", DAY, region="us-east-1", architecture="arm64"
    )
    assert found is not None
    total = found.price.average_usd(Decimal(8000000000), free=False) * 8_000_000_000

    assert total == Decimal("106000.55")


@pytest.mark.parametrize(
    ("memory_mb", "duration_ns", "expected"),
    [
        # 140 MB is billed as 256: 0.25 x 0.2505 s (251 ms) x 0.000016 + 0.0000002
        (140, 250_500_000, "0.000001204"),
        # 20 ms and 64 MB are billed as 100 ms and 128 MB: 0.1 x 0.125 x 0.000016 + 0.0000002
        (64, 20 * MS, "0.0000004"),
        # at most 1536 MB: 1 x 1.5 x 0.000016 + 0.0000002
        (4096, 1000 * MS, "0.0000242"),
    ],
)
def test_azure_consumption_costs(memory_mb: int, duration_ns: int, expected: str) -> None:
    """Memory in steps of 128 MB, time of 100 ms at least."""
    found = rate(AZURE, memory_mb)

    assert usd(found, rounding.azure_consumption_us(duration_ns)) == Decimal(expected)
    assert {"plan_assumed", "memory_as_set"} <= codes(found)


@pytest.mark.parametrize(
    ("memory_mb", "duration_ns", "expected"),
    [
        # 20 ms are billed as a second of 2 GB: 2 x 0.000026 + 0.0000004
        (2048, 20 * MS, "0.0000524"),
        # 1010 ms as 1100, 500 MB as 512: 1.1 x 0.5 x 0.000026 + 0.0000004
        (500, 1010 * MS, "0.0000147"),
        (4096, 1000 * MS, "0.0001044"),
    ],
)
def test_azure_flex_costs(memory_mb: int, duration_ns: int, expected: str) -> None:
    """Instance sizes; a second at least, then steps of 100 ms."""
    found = rate(AZURE, memory_mb, plan="flex")

    assert found.is_flex
    assert usd(found, rounding.azure_flex_us(duration_ns)) == Decimal(expected)


def test_a_google_function_of_the_first_generation_costs() -> None:
    """101 ms are 200: 0.2 s x (0.25 GB x 0.0000025 + 0.4 GHz x 0.00001) + 0.0000004."""
    found = rate(FUNCTIONS, 256, plan="1st-gen")
    ran_us, _ = rounding.google_us(101 * MS, 5_000 * MS)

    assert usd(found, ran_us, 0) == Decimal("0.000001325")
    assert found.usd_per_init_us == 0


@pytest.mark.parametrize(
    ("place", "rule", "expected"),
    [
        # start-up 950 ms and 101 ms: 1.1 s x (1 x 0.000024 + 0.5 x 0.0000025) + 0.0000004
        (RUN, {"vcpu": 1}, "0.000028175"),
        # 512 MB come with 0.333 vCPU
        (RUN, {}, "0.0000105662"),
        # instance-based: 1.1 s x (0.000018 + 0.5 x 0.000002)
        (RUN, {"vcpu": 1, "plan": "instance-based"}, "0.0000209"),
        # Singapore is tier 2: 1.1 s x (0.0000336 + 0.5 x 0.0000035) + 0.0000004
        (Place("gcp", "gcp_cloud_run", "asia-southeast1"), {"vcpu": 1}, "0.000039285"),
    ],
)
def test_cloud_run_costs(place: Place, rule: dict[str, Any], expected: str) -> None:
    """vCPU and memory, in steps of 100 ms, start-up included."""
    ran_us, init_us = rounding.google_us(101 * MS, 950 * MS)

    assert (ran_us, init_us) == (200_000, 900_000)
    assert usd(rate(place, 512, **rule), ran_us, init_us) == Decimal(expected)


def test_a_worker_costs_its_cpu_time() -> None:
    """7 ms of CPU: 7 x 0.00000002 + 0.0000003; wall time is free."""
    assert usd(rate(WORKERS, None), 7_000) == Decimal("0.00000044")


@pytest.mark.parametrize(
    ("queue", "system", "expected"),
    [
        # 10 sends, 2 receives and 2 deletes of batches: 14 requests
        ("orders", "aws_sqs", "0.0000056"),
        ("orders.fifo", "aws_sqs", "0.000007"),
        ("arn:aws:sns:us-east-1:1:orders", "aws.sns", "0.000005"),
        ("orders", "aws.eventbridge", "0.00001"),
        # write, read and delete of each
        ("orders", "cloudflare_queues", "0.000012"),
        ("orders", "kafka", "0"),
    ],
)
def test_messages_cost(queue: str, system: str, expected: str) -> None:
    """Ten messages, taken in two batches."""
    found = fee_rate(make_book(), Destination(queue, system), (), DAY)
    messages = Messages(Decimal(10), Decimal(10), Decimal(2))

    assert found.usd(messages) == Decimal(expected)
    assert ("unknown_fee" in {each.code for each in found.assumptions}) == (system == "kafka")


def test_the_settings_say_what_a_queue_is() -> None:
    """``kind`` of a ``[[queues]]`` entry comes before what telemetry says."""
    rules = [QueueSettings(match="free-*", kind="free"), QueueSettings(match="*", kind="sns")]
    place = Destination("free-lane", "aws_sqs")

    assert fee_rate(make_book(), place, rules, DAY).usd_per_sent == 0
    assert fee_rate(make_book(), Destination("a"), rules, DAY).usd_per_sent == Decimal("0.0000005")


@pytest.mark.parametrize(
    ("fate", "part"),
    [
        (Fate.OK, "useful_usd"), (Fate.FAILED, "failed_usd"), (Fate.RETRY, "retry_usd"),
        (Fate.DUPLICATE, "duplicate_usd"),
    ],
)  # fmt: skip
def test_money_goes_where_its_invocation_ended(fate: Fate, part: str) -> None:
    """All but the initialisation, which is told apart whatever became of it."""
    found = rate(LAMBDA, 1024)
    split = bill(Amount(fate, 1024, Decimal(1000), Decimal(10**6), Decimal(10**6)), found)

    assert split == Split(
        **{part: Decimal("0.0000168667"), "cold_start_usd": Decimal("0.0000166667")}
    )


def test_memory_that_is_not_needed_is_told_apart() -> None:
    """256 of 1024 MB would do: three quarters of the time's cost."""
    amount = Amount(Fate.OK, 1024, Decimal(1000), Decimal(10**6))
    split = bill(amount, rate(LAMBDA, 1024), needed_mb=256)

    assert split.memory_usd == Decimal("0.000012500025")
    assert split.total_usd == Decimal("0.0000168667")


def test_what_is_not_told_is_assumed_and_said() -> None:
    """Architecture, memory, plan; what is unverified in the book."""
    assert codes(rate(LAMBDA, None)) == {"architecture_assumed", "memory_unknown"}
    assert codes(rate(AZURE, None)) == {"plan_assumed", "memory_unknown"}
    assert codes(rate(FUNCTIONS, None)) == {"plan_assumed", "memory_assumed", "vcpu_assumed"}
    assert "price_unverified" in codes(
        rate(LAMBDA, 128, architecture="arm64", provisioned_concurrency=1)
    )


def test_a_platform_without_a_price_per_use_has_none() -> None:
    """Knative and OpenFaaS run on machines of one's own."""
    assert terms_of(Place(None, "knative"), rule_of((), "fn")) is None


def codes(found: Rate) -> set[str]:
    """The codes of what a rate assumes."""
    return {each.code for each in found.assumptions}
