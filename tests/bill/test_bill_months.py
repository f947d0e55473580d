"""Months of UTC: which is the newest with a verdict, and what may be asked for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.bill.months import Month, last_final, month_of, parse_month
from advisor.errors import UsageError

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("today", "newest"),
    [
        (date(2026, 11, 30), Month(2026, 10)),
        (date(2026, 12, 5), Month(2026, 10)),
        (date(2026, 12, 6), Month(2026, 11)),
        (date(2027, 1, 3), Month(2026, 11)),
    ],
)
def test_a_month_has_a_verdict_when_it_has_been_over_for_five_days(
    today: date, newest: Month
) -> None:
    assert last_final(today) == newest


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_newest_with_a_verdict_is_final_and_the_one_after_it_is_not(today: date) -> None:
    month = last_final(today)
    assert month.is_final(today)
    assert not month.after.is_final(today)
    assert month_of(month.last) == month
    assert month.after.before == month


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "october", "2026-1", "26-10", "2026-10-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a month"):
        parse_month(text, TODAY)


def test_a_month_to_come_and_one_too_long_ago_are_refused() -> None:
    with pytest.raises(UsageError, match="has not begun"):
        parse_month("2026-12", TODAY)
    with pytest.raises(UsageError, match="too long ago"):
        parse_month("2023-09", TODAY)
    assert parse_month("2023-10", TODAY) == Month(2023, 10)
