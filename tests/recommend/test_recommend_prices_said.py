"""What an answer says about its prices: what brings missing ones, and how old the others are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from advisor.advising import advise_known
from advisor.model import Coverage
from advisor.needs import Tiers
from advisor.present.comparison import best_of_each
from advisor.prices.book import Book
from advisor.prices.quote import full_date
from advisor.prices.remedy import BY_THE_OPERATOR
from advisor.prices.shipped import shipped_quotes
from advisor.words import prices_dated
from bot.messages.advice_told import told
from bot.messages.card import card
from tests.strategies import NOW, a_disk, a_vm, advise, asked, known


def test_a_hint_names_the_currency_that_is_shown() -> None:
    advice = advise(a_vm(region="swedencentral"), currency="EUR")
    said = " ".join((*advice.decision.todo, *advice.reasons))
    assert "`vmbackup prices update --region swedencentral" in said
    assert "--currency EUR`" in said
    assert " and `vmbackup prices update" in said  # what is compared is in USD


def test_no_price_of_traffic_is_missed_where_a_disk_was_read_without_its_iops() -> None:
    """An Ultra disk is billed by the IOPS and MB/s that it is set to."""
    ultra = a_disk("data", is_os=False, lun=0, sku="UltraSSD_LRS")
    advice = advise(a_vm(a_disk(), ultra, tags={"criticality": "mission-critical"}))
    said = " ".join(advice.decision.todo)
    assert "not known whole: IOPS not known; MB/s not known." in said
    assert "another continent" not in said


def test_in_slack_nobody_is_told_to_run_a_command() -> None:
    book_of_the_bot = Book(shipped_quotes(), remedy=BY_THE_OPERATOR)
    for region, said in (("swedencentral", "the price list again by itself"), ("norwayeast", "")):
        advice = advise_known(known(a_vm(region=region)), asked(), Tiers(), book_of_the_bot, NOW)
        message = card(told(advice))
        assert "vmbackup prices" not in message.text + str(message.as_dict())
        assert "vmbackup inventory" not in message.text + str(message.as_dict())
        assert "terminal" not in message.text + str(message.as_dict())
        assert said in " ".join(advice.decision.todo)


def test_where_protection_was_not_read_slack_names_who_can_let_it_be_read() -> None:
    book_of_the_bot = Book(shipped_quotes(), remedy=BY_THE_OPERATOR)
    unread = replace(known(a_vm()), coverage=Coverage())
    advice = advise_known(unread, asked(), Tiers(), book_of_the_bot, NOW)
    assert "whoever runs the bot can let it read vaults" in " ".join(advice.decision.todo)
    assert "vmbackup inventory" not in " ".join(advice.decision.todo)


def test_prices_are_as_old_as_the_oldest_that_is_shown() -> None:
    advice = advise(a_vm())
    shown = [*advice.recommended.parts, *best_of_each(advice.assessments)]  # type: ignore[union-attr]
    days = {line.true_on for each in shown for line in each.lines if line.true_on}
    assert full_date(advice.prices_as_of) <= min(map(full_date, days))
    assert advice.prices_as_of in {
        line.true_on for each in advice.assessments for line in each.lines
    }
    age = NOW.date() - date.fromisoformat(full_date(advice.prices_as_of))
    assert advice.prices_age_days == age.days


@pytest.mark.parametrize(
    ("as_of", "age", "said"),
    [
        ("2026-11-30", 0, "Prices of 2026-11-30."),
        ("2026-11-29", 1, "Prices of 2026-11-29, 1 day old."),
        ("2026-09-22", 61, "Prices of 2026-09-22, 61 days old."),
        ("2026", 325, "Prices of 2026, up to 325 days old."),
        ("2026", None, "Prices of 2026."),
        ("", None, ""),
    ],
)
def test_the_age_of_prices_is_said_in_one_wording(as_of: str, age: int | None, said: str) -> None:
    assert prices_dated(as_of, age) == said
