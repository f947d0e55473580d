"""The phrases that the terminal and the chat share."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model import (
    Consistency,
    EventNeed,
    Monthly,
    MonthOfBill,
    Need,
    Range,
    Retention,
    Rto,
)
from advisor.options.descriptions import configuration_words, kept_words, option_names
from advisor.present.bill_table import first_months, sizes_said, unit_words
from advisor.words import (
    about,
    age,
    amount,
    amount_range,
    back_within,
    clean,
    cost,
    duration,
    listed,
    money,
    need_origin,
    need_words,
    quantity,
    quantity_range,
    sentence,
    sentences,
)
from tests.present import factories
from tests.present.strategies import words

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("31.2", "31.20"),
        ("0.005", "0.01"),
        ("0.0049", "<0.01"),
        ("0", "0.00"),
        ("1234.5", "1,234.50"),
        ("-25", "-25.00"),
    ],
)
def test_money_has_two_places_and_never_looks_free(value: str, shown: str) -> None:
    assert amount(Decimal(value)) == shown
    assert money(Decimal(value), "EUR") == f"{shown} EUR"


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_an_amount_above_zero_never_reads_as_zero(value: Decimal) -> None:
    assert (amount(value) == "0.00") == (value == 0)
    assert (quantity(value) == "0") == (value == 0)


def test_a_range_is_left_out_where_both_ends_read_the_same() -> None:
    assert amount_range(factories.between("24.9", "31.2", "44.1")) == "31.20 (24.90 to 44.10)"
    assert amount_range(factories.between("10.001", "10.002", "10.003")) == "10.00"


def test_a_total_is_a_number_with_its_range_or_a_floor_with_what_is_missing() -> None:
    whole = Monthly("USD", Decimal("24.9"), Decimal("31.2"), Decimal("44.1"))
    assert cost((), whole) == "31.20 USD a month (24.90 to 44.10)"
    floor = Monthly("USD", Decimal("12.3"), None, None, ("a", "b"))
    assert cost((), floor) == "at least 12.30 USD a month (2 prices missing)"
    nothing = Monthly("USD", Decimal(0), None, None, ("a",))
    assert cost((), nothing) == "not known (1 price missing)"
    assert cost((factories.backup(vault_price=None),), floor).endswith(
        "(no price for vault storage)"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1152", "1,152"), ("972.864", "973"), ("47.25", "47.3"), ("0.5", "0.5"), ("10", "10"),
        ("2.6667", "2.67"), ("0.0109", "0.011"), ("0.0004", "<0.001"), ("-1", "-1"),
        ("100", "100"), ("0", "0"),
    ],
)  # fmt: skip
def test_a_quantity_has_as_many_figures_as_anyone_reads(value: str, shown: str) -> None:
    assert quantity(Decimal(value)) == shown


def test_a_quantity_with_its_range_says_the_unit_once() -> None:
    assert quantity_range(factories.between("121.6", "556.8", "1139"), "GB") == (
        "557 GB (122 to 1,139)"
    )
    assert quantity_range(factories.exactly("47"), "GB") == "47 GB"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (timedelta(), "0 s"), (timedelta(seconds=30), "30 s"), (timedelta(minutes=15), "15 min"),
        (4 * HOUR, "4 h"), (1.5 * HOUR, "1 h 30 min"), (24 * HOUR, "24 h"), (36 * HOUR, "36 h"),
        (72 * HOUR, "3 days"), (168 * HOUR, "7 days"), (73 * HOUR, "73 h"),
    ],
)  # fmt: skip
def test_a_duration_reads_as_people_say_it(value: timedelta, shown: str) -> None:
    assert duration(value) == shown


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (8, "8 min"),
        (32, "35 min"),
        (95, "1 h 45 min"),
        (215, "4 h"),
        (1500, "25 h"),
        (6000, "5 days"),
    ],
)
def test_an_assumed_time_is_rounded_up_to_what_is_known_of_it(minutes: int, shown: str) -> None:
    assert about(timedelta(minutes=minutes)) == shown


@given(st.timedeltas(timedelta(0), timedelta(days=300)))
def test_rounding_never_promises_to_be_back_sooner(value: timedelta) -> None:
    step = timedelta(days=1)
    assert about(value) == about(about_value(value))
    assert value <= about_value(value) < value + step


def about_value(value: timedelta) -> timedelta:
    """What the words say, read back."""
    units = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
    parts = about(value).replace(",", "").split()
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return timedelta(seconds=sum(int(number) * units[unit] for number, unit in pairs))


def test_an_age_is_rounded_down() -> None:
    assert age(timedelta(days=21, hours=4)) == "21 days"
    assert age(timedelta(hours=5, minutes=59)) == "5 h"
    assert age(timedelta(minutes=12)) == "12 min"
    assert age(timedelta(seconds=-3)) == "0 s"


def test_a_documented_time_is_not_called_about() -> None:
    assert back_within(Rto(HOUR, HOUR, HOUR, "documented")) == "1 h"
    assert back_within(Rto(HOUR, 3.5 * HOUR, 9 * HOUR, "assumed")) == "about 4 h"


def test_options_are_named_as_microsoft_names_them() -> None:
    assert option_names(["azure-backup", "site-recovery"]) == "Azure Backup and Site Recovery"
    assert option_names(["snapshots"]) == "Snapshots"
    assert option_names(["restore-points"]) == "Restore points"


@pytest.mark.parametrize(
    ("option", "configuration", "shown"),
    [
        ("azure-backup", factories.ENHANCED,
         "Enhanced policy every 4 h, GRS vault with cross-region restore,"
         " 7 days of instant restore, keeps daily=30,weekly=12"),
        ("azure-backup",
         {"policy": "standard", "every": "24h", "redundancy": "lrs", "instant_restore": "2d",
          "keep": "daily=7,monthly=12", "archive": True},
         "Standard policy every 24 h, LRS vault, 2 days of instant restore,"
         " keeps daily=7,monthly=12, old points in the archive tier"),
        ("site-recovery", factories.REPLICATED,
         "to northeurope, 24 h of recovery points, 4 drills a year"),
        ("site-recovery",
         {"to": "zone:2", "recovery_points": "3d", "churn_mode": "high", "drills": 0},
         "to zone 2, 3 days of recovery points, High Churn, no drills"),
        ("snapshots", factories.SNAPPED, "incremental, every 24 h, ZRS, keeps daily=7"),
        ("snapshots", {"every": "4h", "count": 7, "redundancy": "lrs", "full": True},
         "full, every 4 h, LRS, keeps 7"),
        ("snapshots", {"every": "24h", "full": False, "to": "northeurope", "consistent": "crash"},
         "incremental, every 24 h, copied to northeurope, as VM restore points (crash consistent)"),
        ("fourth-option", {"new_flag": "some", "switch": True, "off": False},
         "new flag some, switch"),
    ],
)  # fmt: skip
def test_a_configuration_reads_as_a_phrase(
    option: str, configuration: dict[str, object], shown: str
) -> None:
    assert configuration_words(option, configuration) == shown


def test_what_is_kept_is_said_in_the_terms_of_the_option() -> None:
    assert kept_words("azure-backup", factories.ENHANCED) == "daily=30,weekly=12"
    assert kept_words("snapshots", {"count": 7}) == "7 points"
    assert kept_words("site-recovery", factories.REPLICATED) == "24 h of points"
    assert kept_words("snapshots", {}) == ""


def test_a_need_reads_as_one_phrase() -> None:
    need = Need(
        deletion=EventNeed(rpo=24 * HOUR),
        region=EventNeed(rpo=36 * HOUR, rto=24 * HOUR),
        retention=Retention(daily=30, weekly=12),
        isolated=True,
        consistency=Consistency.FILE_SYSTEM,
    )
    assert need_words(need) == (
        "survive deletion (lose at most 24 h) and the loss of its region (lose at most 36 h, back"
        " within 24 h); keep daily=30,weekly=12; points that cannot be deleted with the VM;"
        " file-system consistent"
    )
    assert need_words(Need()) == "nothing has to be survived"


def test_where_a_need_comes_from_is_said_once_with_its_exceptions() -> None:
    origin = {"deletion": "tier production, the default", "region": "flag", "zone": "flag"}
    assert need_origin(origin) == "flag; deletion by tier production, the default"
    assert need_origin({}) == ""


def test_the_first_months_tell_when_the_bill_stops_growing() -> None:
    assert first_months((), "USD") == ""
    assert first_months(factories.curve("12.4", "31.2", 4), "USD") == (
        "First month 12.40 USD, rising to 31.20 USD a month from month 4 on."
    )
    falling = [
        MonthOfBill(month=1, amount=Range.exactly(Decimal(9))),
        MonthOfBill(month=2, amount=Range.exactly(Decimal(3))),
    ]
    assert "falling to 3.00 USD" in first_months(falling, "USD")


def test_the_size_of_disks_says_what_is_not_known() -> None:
    assert sizes_said([128, 1024]) == "2 disks, 1,152 GB in all"
    assert sizes_said([30]) == "1 disk, 30 GB"
    assert sizes_said([128, None]) == "2 disks, 128 GB in all, size of 1 disk not known"
    assert sizes_said([]) == "0 disks"


def test_a_unit_nobody_foresaw_is_shown_as_it_is() -> None:
    assert unit_words("10K/Month") == ("x 10K/Month", "per 10K/Month")


def test_sentences_begin_and_end_as_sentences() -> None:
    assert sentence("snapshots are cheaper") == "Snapshots are cheaper."
    assert sentences(["one", "", "Two!"]) == "One. Two!"
    assert listed(["a", "b", "c"], "or") == "a, b or c"


@given(words)
def test_clean_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert len(clean(text).splitlines()) <= 1
    assert "\x1b" not in clean(text)
