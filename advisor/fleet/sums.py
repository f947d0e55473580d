"""The sums of a fleet, by group and whole: a total is the sum of its rows; it names its lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from advisor.errors import UsageError
from advisor.model import ZERO, Monthly, StateNow
from advisor.model.fleet import FleetFinding, FleetRow, FleetSum, GroupSum, MoneySpan

NO_TAG = "without the tag"
_TAG = "tag:"

#: What a fleet is grouped by: the word and what it reads off a row.
_GROUPINGS: dict[str, Callable[[FleetRow], str]] = {
    "subscription": lambda row: row.subscription_id,
    "region": lambda row: row.region,
    "tier": lambda row: row.tier or "what was asked",
}


def grouping(text: str) -> Callable[[FleetRow], str]:
    """What `--group-by` reads off a row: `subscription`, `region`, `tier` or `tag:NAME`.

    Raises UsageError for anything else. Tag names match in any case, as Azure's do.
    """
    if text in _GROUPINGS:
        return _GROUPINGS[text]
    name = text.removeprefix(_TAG).strip().lower()
    if not text.startswith(_TAG) or not name:
        known = ", ".join(_GROUPINGS)
        raise UsageError(f"“{text}” is nothing to group by: say {known} or tag:NAME.")
    return lambda row: _tag(row, name)


def _tag(row: FleetRow, name: str) -> str:
    return next((value for key, value in row.tags.items() if key.lower() == name), NO_TAG)


class Summing:
    """Adds rows up one by one: a fleet never stands in memory for its sums."""

    def __init__(self) -> None:
        self._states: Counter[StateNow] = Counter()
        self._today = self._after = self._least = ZERO
        self._most: Decimal | None = ZERO
        self._today_lacks = self._after_lacks = 0

    def add(self, row: FleetRow) -> None:
        """One more VM."""
        self._states[row.state] += 1
        today, after = _likely(row.today), _likely(row.after)
        self._today += today or ZERO
        self._today_lacks += today is None
        self._after += after or ZERO
        self._after_lacks += after is None
        saves = saved(row.findings)
        self._least += saves.least
        self._most = _plus(self._most, saves.most)

    def total(self) -> FleetSum:
        """The sums so far."""
        return FleetSum(
            vms=sum(self._states.values()),
            by_state={state: self._states[state] for state in StateNow if self._states[state]},
            today=self._today,
            today_without_price=self._today_lacks,
            after=self._after,
            after_without_price=self._after_lacks,
            saves=MoneySpan(self._least, self._most),
        )


def saved(findings: Iterable[FleetFinding], *, counted: bool = True) -> MoneySpan:
    """What the findings save together that are counted, or that are apart."""
    least, most = ZERO, ZERO
    unbounded = False
    for finding in findings:
        if finding.saves is not None and finding.counted is counted:
            least += finding.saves.least
            most += finding.saves.most or ZERO
            unbounded = unbounded or finding.saves.most is None
    return MoneySpan(least, None if unbounded else most)


def group_sums(groups: dict[str, Summing]) -> Iterator[GroupSum]:
    """The dearest group first."""
    sums = [GroupSum(name, summing.total()) for name, summing in groups.items()]
    yield from sorted(sums, key=lambda group: (-group.sums.today, group.name))


def _likely(monthly: Monthly | None) -> Decimal | None:
    return None if monthly is None else monthly.likely


def _plus(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first + second
