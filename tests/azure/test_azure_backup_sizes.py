"""What changes a day, by what backups say they copied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from advisor.azure.backup_sizes import Copied, changed_between, copied_by
from advisor.model import NotRead, Range, SizeMeasured, Source

DAY = datetime(2026, 11, 1, 22, tzinfo=UTC)


def job(size: str | None) -> dict[str, Any]:
    bag = {"VM Name": "app-01"} | ({} if size is None else {"Backup Size": size})
    return {
        "properties": {"startTime": "2026-11-01T22:00:00Z", "extendedInfo": {"propertyBag": bag}}
    }


def copied(*gib: int) -> list[Copied]:
    return [Copied(DAY + timedelta(days=n), Decimal(value)) for n, value in enumerate(gib)]


def test_a_backup_says_what_it_copied_or_nothing() -> None:
    assert copied_by(job("2332 MB")) == Copied(DAY, Decimal(2332) / 1024)
    assert copied_by(job("1.5 GB")) == Copied(DAY, Decimal("1.5"))
    for nothing in ("0 MB", "much", "", None):
        assert copied_by(job(nothing)) is None
    assert copied_by({"properties": {"startTime": "2026-11-01T22:00:00Z"}}) is None


def test_what_changes_is_all_that_was_copied_after_the_oldest() -> None:
    """The oldest may be the first, which copies all that is used."""
    found = changed_between(copied(120, 2, 4, 3), "v1", "x")
    assert isinstance(found, SizeMeasured)
    assert found.gib == Range(Decimal(2), Decimal(3), Decimal(4))
    assert (found.source, found.on) == (Source.BACKUP_DATA, DAY + timedelta(days=3))


def test_one_backup_or_none_measures_nothing() -> None:
    for few in ([], copied(120)):
        assert isinstance(changed_between(few, "v1", "x"), NotRead)


@given(st.lists(st.integers(1, 4000), min_size=2, max_size=8), st.randoms())
def test_the_order_in_which_jobs_are_read_does_not_matter(gib: list[int], chance: Any) -> None:
    jobs = copied(*gib)
    shuffled = list(jobs)
    chance.shuffle(shuffled)
    found = changed_between(shuffled, "v1", "x")
    assert found == changed_between(jobs, "v1", "x")
    assert isinstance(found, SizeMeasured)
    assert found.gib.low <= found.gib.likely <= found.gib.high
