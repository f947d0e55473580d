"""What people type is read exactly or refused, and written back as it can be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import UsageError
from advisor.model import Retention
from advisor.quantities import (
    Churn,
    format_duration,
    iso_duration,
    parse_churn,
    parse_days,
    parse_duration,
    parse_rate_mb_per_s,
    parse_retention,
    parse_share,
    parse_size_gib,
    plain,
)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_size_gib, "47GB", Decimal(47)),
        (parse_size_gib, "47", Decimal(47)),
        (parse_size_gib, " 1.5 tb ", Decimal(1536)),
        (parse_size_gib, "512MiB", Decimal("0.5")),
        (parse_rate_mb_per_s, "12MB/s", Decimal(12)),
        (parse_rate_mb_per_s, "0.5", Decimal("0.5")),
        (parse_share, "2%", Decimal("0.02")),
        (parse_share, "100 %", Decimal(1)),
        (parse_churn, "2%", Churn(Decimal("0.02"), None)),
        (parse_churn, "10GB", Churn(None, Decimal(10))),
        (parse_churn, "10 GiB", Churn(None, Decimal(10))),
        (parse_churn, "512MB", Churn(None, Decimal("0.5"))),
        (parse_churn, "0.5TB/day", Churn(None, Decimal(512))),
        (parse_churn, "10GB per day", Churn(None, Decimal(10))),
        (parse_churn, "10GB a day", Churn(None, Decimal(10))),
        (parse_churn, "2%/d", Churn(Decimal("0.02"), None)),
        (parse_duration, "15min", timedelta(minutes=15)),
        (parse_duration, "15m", timedelta(minutes=15)),
        (parse_duration, "1.5h", timedelta(minutes=90)),
        (parse_duration, "2w", timedelta(days=14)),
        (parse_days, "5d", 5),
        (parse_retention, "daily=30, weekly=12", Retention(daily=30, weekly=12)),
    ],
)
def test_a_quantity_is_read(parse: Callable[[str], Any], text: str, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_size_gib, "-1GB"),
        (parse_size_gib, "1e3"),
        (parse_size_gib, "NaN"),
        (parse_size_gib, "2000TB"),
        (parse_size_gib, "47 bananas"),
        (parse_rate_mb_per_s, "12 knots"),
        (parse_share, "101%"),
        (parse_share, "2"),
        (parse_churn, "2"),
        (parse_churn, "0.02"),
        (parse_churn, "10GB/week"),
        (parse_churn, "10MB/s"),
        (parse_churn, "lots"),
        (parse_churn, ""),
        (parse_churn, "101%"),
        (parse_churn, "2000TB"),
        (parse_rate_mb_per_s, "1" + "0" * 30 + "MB/s"),
        (parse_duration, "0h"),
        (parse_duration, "0.5min"),
        (parse_duration, "4"),
        (parse_duration, "999999999d"),
        (parse_days, "1.5d"),
        (parse_retention, "daily=0"),
        (parse_retention, "daily=7,daily=8"),
        (parse_retention, "hourly=7"),
        (parse_retention, "daily=99999"),
        (parse_retention, "yearly=100"),
        (parse_retention, ""),
    ],
)
def test_anything_else_is_refused_in_a_sentence(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert str(refused.value).endswith((".", "%."))


@pytest.mark.parametrize(
    ("parse", "text", "sentence"),
    [
        (parse_size_gib, "2000TB", "more than a VM can hold"),
        (parse_share, "101%", "more than all of the data"),
        (parse_churn, "101%", "more than all of the data"),
        (parse_churn, "2000TB", "more than a VM can hold"),
        (parse_duration, "999999999d", "longer than 99 years"),
        (parse_duration, "9" * 5000 + "h", "longer than 99 years"),
        (parse_days, "10000d", "more than 9,999 days"),
        (parse_days, "9" * 5000, "more than 9,999 days"),
        (parse_rate_mb_per_s, "2000000MB/s", "faster than any disk"),
        (parse_retention, "daily=10000", "more than Azure keeps: at most 9999"),
        (parse_retention, "weekly=999999", "more than Azure keeps: at most 5163"),
        (parse_retention, "yearly=" + "9" * 5000, "more than Azure keeps: at most 99"),
    ],
)
def test_what_is_too_large_is_not_called_malformed(
    parse: Callable[[str], Any], text: str, sentence: str
) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert sentence in str(refused.value)
    assert " is not a " not in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.integers(1, 99 * 366 * 1440))
def test_a_duration_written_is_read_back_as_it_was(minutes: int) -> None:
    value = timedelta(minutes=minutes)
    assert parse_duration(format_duration(value)) == value


@given(st.builds(Retention, daily=st.integers(0, 9999), weekly=st.integers(0, 5163),
                 monthly=st.integers(0, 1188), yearly=st.integers(0, 99), more_weekly=st.just(0),
                 more_monthly=st.just(0), more_yearly=st.just(0)).filter(any))  # fmt: skip
def test_a_retention_written_is_read_back_as_it_was(retention: Retention) -> None:
    assert parse_retention(str(retention)) == retention


@given(st.decimals(Decimal(0), Decimal(10**9), places=6))
def test_a_decimal_is_written_without_exponent_and_exactly(value: Decimal) -> None:
    written = plain(value)
    assert "E" not in written.upper()
    assert Decimal(written) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (timedelta(minutes=15), "PT15M"),
        (timedelta(hours=36), "PT36H"),
        (timedelta(days=7), "P7D"),
        (timedelta(hours=1, minutes=30), "PT1H30M"),
        (timedelta(0), "PT0S"),
    ],
)
def test_a_duration_in_json_is_iso_8601(value: timedelta, written: str) -> None:
    assert iso_duration(value) == written
