"""Prices and budgets in the settings: what is wrong stops the start with a sentence that helps."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from collector.errors import SettingsError
from collector.model.costs.book import OWN, make_book
from collector.model.costs.pricing import Pricing
from collector.settings import Settings, load
from web.check import findings

PRICE = """[[prices]]
provider = "aws"
product = "lambda"
item = "requests"
"""


def settings(directory: Path, text: str) -> Settings:
    path = directory / "lockstitch.toml"
    path.write_text(text)
    return load(path)


def test_a_price_of_ones_own_comes_first(tmp_path: Path) -> None:
    """A discount on requests, from a day on; before it the built-in price holds."""
    book = Pricing.of(settings(tmp_path, PRICE + 'usd = "0.00000015"\nsince = 2026-11-01\n')).book
    found = [book.find("aws", "lambda", "requests", date(2026, month, 15)) for month in (10, 11)]

    assert [each and each.price.tiers[0][1] for each in found] == [
        Decimal("0.0000002"), Decimal("0.00000015"),
    ]  # fmt: skip
    assert found[1] is not None
    assert found[1].price.origin == OWN


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the price of aws lambda requests needs usd, or tiers, and not both"),
        ('usd = "-1"', "greater than or equal to 0"),
        ('usd = "1"\nprice = 2', "price is not a setting"),
        ('tiers = [{ usd = "1", up_to = "5" }]', "the last tier of aws lambda requests"),
        (
            'tiers = [{ usd = "1", up_to = "5" }, { usd = "2", up_to = "4" }, { usd = "3" }]',
            "must rise",
        ),
        ('usd = "1"\nsince = 2026-02-01\nuntil = 2026-01-01', "ends before it begins"),
        ('usd = "1"\narchitecture = "mips"', "'x86_64' or 'arm64'"),
    ],
)
def test_a_price_that_cannot_be_is_told_at_start(tmp_path: Path, text: str, sentence: str) -> None:
    """With the name of the price and what to do."""
    with pytest.raises(SettingsError, match=sentence):
        settings(tmp_path, PRICE + text + "\n")


def test_a_price_of_nothing_that_is_billed_is_told_at_start(tmp_path: Path) -> None:
    """A misspelt item would never count: what there is is named."""
    said = settings(tmp_path, PRICE.replace("requests", "request") + 'usd = "1"\n')

    with pytest.raises(SettingsError, match=r"nothing is billed as aws lambda request: .*requests"):
        Pricing.of(said)
    assert [each.ok for each in findings(said) if each.what == "prices"] == [False]


def test_budgets_are_more_than_nothing(tmp_path: Path) -> None:
    """Of all, and of functions."""
    with pytest.raises(SettingsError, match=r"costs.budget_usd: .*greater than 0"):
        settings(tmp_path, "[costs]\nbudget_usd = 0\n")


def test_every_built_in_price_can_be_found() -> None:
    """In its region and architecture, on the day it begins: none is shadowed by another."""
    book = make_book()
    for price in book.prices:
        for region in price.regions:
            found = book.find(
                price.provider, price.product, price.item, price.since,
                region=region, architecture=price.architecture or "x86_64",
            )  # fmt: skip
            assert found is not None
            assert found.price is price
