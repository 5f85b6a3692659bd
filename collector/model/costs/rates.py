"""What a request and a microsecond of one function cost, by the price book."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from collector.model.cost import ZERO, Assumption
from collector.model.costs import rounding
from collector.model.costs.book import Price, PriceBook
from collector.model.costs.plans import Plan, Terms

_US_PER_S: Final = Decimal(1_000_000)

PoolKey = tuple[str, str, str, str, str, str]
"""What is counted together for tiers and free amounts in a month: provider, product, item,
architecture, region, account."""

Usage = Mapping[PoolKey, Decimal]
"""Units of the month by pool; a pool that is not in it has used nothing yet."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Dollars per request, and per µs that was billed; what they take for granted.

    ``usd_per_memory_us`` is the part of ``usd_per_us`` that less memory would save.
    ``held_usd_per_s``: of one unit of provisioned concurrency. ``is_flex``: the time is the one
    rounded to Azure Flex's steps.
    """

    usd_per_request: Decimal
    usd_per_us: Decimal
    usd_per_init_us: Decimal
    usd_per_memory_us: Decimal = ZERO
    held_usd_per_s: Decimal = ZERO
    memory_mb: int | None = None
    is_flex: bool = False
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """How many units of a pool one request, or one µs, takes."""

    pool: PoolKey
    per_request: Decimal = ZERO
    per_us: Decimal = ZERO
    per_init_us: Decimal = ZERO


class RateMaker:
    """Makes rates of one day; collects what they assume on the way.

    ``units``: what of which pool they use up. ``prices``: those of the book that they take.
    """

    def __init__(self, book: PriceBook, terms: Terms, day: date, usage: Usage, *, free: bool):
        self._book, self._terms, self._day = book, terms, day
        self._usage, self._free = usage, free
        self._said = set(terms.assumptions)
        self.units: list[Unit] = []
        self.prices: list[Price] = []

    def make(self, told_memory_mb: int | None) -> Rate:
        """The rate at a memory size; None: neither the invocation nor anything else tells it."""
        memory_mb = self._memory(told_memory_mb)
        plan = self._terms.plan
        if plan in (Plan.LAMBDA, Plan.LAMBDA_MANAGED):
            return self._lambda(memory_mb)
        if plan is Plan.AZURE_CONSUMPTION:
            return self._azure(rounding.azure_consumption_mb(memory_mb))
        if plan is Plan.AZURE_FLEX:
            return self._azure(rounding.azure_flex_mb(memory_mb))
        if plan is Plan.WORKERS:
            return self._workers()
        return self._google(memory_mb)

    def _lambda(self, memory_mb: int) -> Rate:
        request = self._price("requests", per_request=Decimal(1), product=Plan.LAMBDA)
        if self._terms.plan is Plan.LAMBDA_MANAGED:
            self._assume("instances_not_counted", "the instances of Managed Instances, which are "
                         "billed by the hour, are not in it")  # fmt: skip
            return self._rate(request, ZERO, ZERO, ZERO, memory_mb)
        gb = rounding.gb(memory_mb)
        held = ZERO
        if self._terms.provisioned_concurrency:
            held = gb * self._price("provisioned_held", pooled=False)
            ran = gb * self._price("provisioned_duration", pooled=False) / _US_PER_S
            self._assume("provisioned_assumed", "provisioned concurrency of the settings: every "
                         "invocation is taken to run on it, all the time")  # fmt: skip
            init = self._price("duration", per_init_us=gb / _US_PER_S) * gb / _US_PER_S
        else:
            second = self._price("duration", per_us=gb / _US_PER_S, per_init_us=gb / _US_PER_S)
            ran = init = second * gb / _US_PER_S
        storage = ZERO
        if self._terms.ephemeral_storage_mb > 512:
            extra = rounding.gb(self._terms.ephemeral_storage_mb - 512)
            storage = extra * self._price("ephemeral_storage", pooled=False) / _US_PER_S
        return self._rate(request, ran + storage, init + storage, ran, memory_mb, held)

    def _azure(self, memory_mb: int) -> Rate:
        if self._terms.plan is Plan.AZURE_FLEX:
            self._assume("always_ready_not_counted", "instances kept always ready, which cost as "
                         "long as they are held, are taken to be none")  # fmt: skip
        request = self._price("requests", per_request=Decimal(1))
        gb_us = rounding.gb(memory_mb) / _US_PER_S
        ran = self._price("duration", per_us=gb_us) * gb_us
        return self._rate(request, ran, ZERO, ran, memory_mb)

    def _google(self, memory_mb: int) -> Rate:
        plan = self._terms.plan
        gb_us = rounding.gb(memory_mb) / _US_PER_S
        if plan is Plan.GOOGLE_1ST_GEN:
            request = self._price("requests", per_request=Decimal(1))
            cpu_us = rounding.ghz(memory_mb) / _US_PER_S
            init_share = ZERO
        else:
            request = ZERO
            if plan is Plan.CLOUD_RUN:
                request = self._price("requests", per_request=Decimal(1))
            else:
                self._assume("instance_time_estimated", "instances are billed while they live: "
                             "the time of invocations alone is counted")  # fmt: skip
            cpu_us = self._vcpu(memory_mb) / _US_PER_S
            init_share = Decimal(1)
        memory = self._price("memory", per_us=gb_us, per_init_us=gb_us * init_share) * gb_us
        cpu = self._price("cpu", per_us=cpu_us, per_init_us=cpu_us * init_share) * cpu_us
        return self._rate(request, memory + cpu, (memory + cpu) * init_share, memory, memory_mb)

    def _workers(self) -> Rate:
        request = self._price("requests", per_request=Decimal(1))
        self._assume("subscription_not_counted", "the monthly price of the plan Workers Paid is "
                     "not in it")  # fmt: skip
        self._assume("bindings_counted", "calls between Workers by service binding count as "
                     "requests, which Cloudflare does not bill")  # fmt: skip
        cpu_us = Decimal(1) / rounding.US_PER_MS
        return self._rate(request, self._price("cpu", per_us=cpu_us) * cpu_us, ZERO, ZERO, None)

    def _vcpu(self, memory_mb: int) -> Decimal:
        if self._terms.vcpu is not None:
            return Decimal(repr(self._terms.vcpu))
        self._assume(
            "vcpu_assumed", "vCPU is not told: what Google gives to this memory is assumed"
        )
        return rounding.vcpu(memory_mb)

    def _memory(self, told_mb: int | None) -> int:
        memory_mb = told_mb or self._terms.memory_mb
        plan = self._terms.plan
        if plan is Plan.WORKERS:
            return 128
        if memory_mb is not None:
            if plan is Plan.AZURE_CONSUMPTION:
                self._assume("memory_as_set", "Azure bills the memory in use, which is not told: "
                             f"{rounding.azure_consumption_mb(memory_mb)} MB is taken")  # fmt: skip
            return memory_mb
        if plan is Plan.AZURE_FLEX:
            self._assume("memory_assumed", "instance size is not told: 2048 MB is assumed")
            return 2048
        if plan in (Plan.CLOUD_RUN, Plan.CLOUD_RUN_INSTANCE, Plan.GOOGLE_1ST_GEN):
            self._assume(
                "memory_assumed", "memory is not told: 256 MB, Google's default, is assumed"
            )
            return 256
        self._assume("memory_unknown", "memory is not told: 128 MB, the least, is taken")
        return 128

    def _price(
        self,
        item: str,
        *,
        product: str | None = None,
        pooled: bool = True,
        per_request: Decimal = ZERO,
        per_us: Decimal = ZERO,
        per_init_us: Decimal = ZERO,
    ) -> Decimal:
        """The price of one unit, this month's tiers and free amount shared out over it."""
        terms = self._terms
        product = product or terms.plan.value
        found = self._book.find(
            terms.provider,
            product,
            item,
            self._day,
            region=terms.region,
            architecture=terms.architecture,
        )
        if found is None:
            self._assume("price_missing", f"the book has no price of {terms.provider} {product} "
                         f"{item} on {self._day}: it is not in it")  # fmt: skip
            return ZERO
        self.prices.append(found.price)
        self._tell(found.price, for_region=found.is_for_region)
        if not pooled:
            return found.price.tiers[0][1]
        pool = _pool(found.price, terms)
        self.units.append(Unit(pool, per_request, per_us, per_init_us))
        used = self._usage.get(pool, ZERO)
        if used <= 0:
            return found.price.tiers[0][1]
        share = used / self._usage_of_account(pool) if self._free else Decimal(1)
        return found.price.average_usd(used, free=self._free, free_share=share)

    def _usage_of_account(self, pool: PoolKey) -> Decimal:
        """Free amounts are of an account, whatever the architecture and the region."""
        provider, product, item, _, _, account = pool
        return sum(
            (
                used
                for key, used in self._usage.items()
                if (*key[:3], key[5]) == (provider, product, item, account)
            ),
            ZERO,
        )

    def _tell(self, price: Price, *, for_region: bool) -> None:
        if not price.verified:
            self._assume("price_unverified", f"the price of {price.name} is not verified")
        if not for_region:
            self._assume(
                "region_not_in_book",
                f"region {self._terms.region} has no price of {price.name}: that of most regions "
                "is taken",
            )

    def _assume(self, code: str, text: str) -> None:
        self._said.add(Assumption(code, text))

    def _rate(
        self,
        request: Decimal,
        ran: Decimal,
        init: Decimal,
        memory: Decimal,
        memory_mb: int | None,
        held: Decimal = ZERO,
    ) -> Rate:
        return Rate(
            usd_per_request=request,
            usd_per_us=ran,
            usd_per_init_us=init,
            usd_per_memory_us=memory,
            held_usd_per_s=held,
            memory_mb=memory_mb,
            is_flex=self._terms.plan is Plan.AZURE_FLEX,
            assumptions=tuple(sorted(self._said)),
        )


def _pool(price: Price, terms: Terms) -> PoolKey:
    """Tiers are per architecture and region, pooled over the account."""
    return (
        price.provider,
        price.product,
        price.item,
        price.architecture or "",
        terms.region or "",
        terms.account_id or "",
    )
