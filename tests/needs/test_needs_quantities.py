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
    format_duration,
    iso_duration,
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
