"""What somebody states of a VM's sizes, by flags and by tags; a flag wins over a tag."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

from advisor.asked import AdviceAsked
from advisor.errors import UsageError
from advisor.quantities import Churn, parse_churn, parse_rate_mb_per_s, parse_size_gib

Parsed = TypeVar("Parsed")

USED_TAG = "vmbackup-used"
CHURN_TAG = "vmbackup-churn"
WRITTEN_TAG = "vmbackup-written"
PEAK_WRITE_TAG = "vmbackup-peak-write"


class StatedSizes(NamedTuple):
    """Sizes that somebody stated, and where."""

    used_gib: Decimal | None = None
    churn_share_per_day: Decimal | None = None
    changed_gib_per_day: Decimal | None = None
    written_gib_per_day: Decimal | None = None
    peak_write_mb_per_s: Decimal | None = None
    where: str = "the command line"


def stated_sizes(asked: AdviceAsked, tags: Mapping[str, str]) -> StatedSizes:
    """What the flags say, else what the VM's tags say (their names in any case).

    Raises UsageError for a tag that cannot be read, naming the tag.
    """
    by_name = {name.lower(): value for name, value in tags.items()} if tags else {}
    used, churn = by_name.get(USED_TAG), by_name.get(CHURN_TAG)
    written, peak = by_name.get(WRITTEN_TAG), by_name.get(PEAK_WRITE_TAG)
    changes = _churn(asked, churn)
    flags = (asked.used_gib, asked.written_gib_per_day, asked.peak_write_mb_per_s)
    changes_said = (asked.churn_share_per_day, asked.changed_gib_per_day)
    from_flags = any(value is not None for value in (*flags, *changes_said))
    from_tags = any(value is not None for value in (used, churn, written, peak))
    return StatedSizes(
        used_gib=_first(asked.used_gib, used, USED_TAG, parse_size_gib),
        churn_share_per_day=changes.share,
        changed_gib_per_day=changes.gib,
        written_gib_per_day=_first(asked.written_gib_per_day, written, WRITTEN_TAG, parse_size_gib),
        peak_write_mb_per_s=_first(
            asked.peak_write_mb_per_s, peak, PEAK_WRITE_TAG, parse_rate_mb_per_s
        ),
        where=_where(from_flags, from_tags),
    )


def _churn(asked: AdviceAsked, tag: str | None) -> Churn:
    said = Churn(asked.churn_share_per_day, asked.changed_gib_per_day)
    if tag is None or said.share is not None or said.gib is not None:
        return said
    return _of_tag(CHURN_TAG, tag, parse_churn)


def _first(
    flag: Decimal | None, tag: str | None, name: str, parse: Callable[[str], Decimal]
) -> Decimal | None:
    if flag is not None or tag is None:
        return flag
    return _of_tag(name, tag, parse)


def _of_tag(name: str, tag: str, parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(tag)
    except UsageError as error:
        raise UsageError(f"The tag {name} of this VM cannot be read: {error}") from error


def _where(from_flags: bool, from_tags: bool) -> str:
    if from_flags and from_tags:
        return "the command line and the VM's tags"
    return "the VM's tags" if from_tags else "the command line"
