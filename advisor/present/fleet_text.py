"""A fleet in the terminal: the sums, what is worst, what is saved, and where to look next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from advisor.model import StateNow
from advisor.model.fleet import Bought, FindingKind, FleetFinding, FleetReport, FleetSum, MoneySpan
from advisor.present.fleet_words import KIND_WORDS, TITLES, saves_words, where_words
from advisor.present.short_form import SIGNS
from advisor.words import (
    after_colon,
    brief_amount,
    brief_money,
    clean,
    counted,
    listed,
)

WORST = 10  #: findings that are named; the others are counted by kind
MOST_GROUPS = 12

#: Findings that say how a VM is protected; the others say what is wasted or held wrongly.
PROTECTION = frozenset(
    {
        FindingKind.UNPROTECTED,
        FindingKind.BROKEN,
        FindingKind.GAP,
        FindingKind.NEED_NOT_MET,
        FindingKind.UNKNOWN,
    }
)


def fleet_text(report: FleetReport, bought: Sequence[Bought] | None = None) -> str:
    """The report, for a reader who wants the worst first. `bought`: what a budget buys."""
    parts = [_headline(report)]
    if bought is not None:
        parts.append(list(_bought(bought, report.currency)))
    else:
        parts.append(list(_worst(report)))
    parts.append(list(_savings(report)))
    parts.append(list(_groups(report)))
    parts.append(list(small_print(report)))
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _headline(report: FleetReport) -> list[str]:
    sums = report.sums
    states = [
        f"{SIGNS[state].text} {count:,} {state.value}" for state, count in sums.by_state.items()
    ]
    return [counted(sums.vms, "VM"), "  ".join(states), protection_costs(report)]


def protection_costs(report: FleetReport) -> str:
    """What protection costs today and as advised, as a sentence."""
    sums = report.sums
    today = at_least(sums.today, sums.today_without_price, report.currency)
    after = at_least(sums.after, sums.after_without_price, report.currency)
    return f"Protection costs {today} a month today; as advised it costs {after}."


def at_least(amount: Decimal, lacking: int, currency: str) -> str:
    """`1,234 USD`, or `at least 1,234 USD (6 VMs without a price)`."""
    said = brief_money(amount, currency)
    return f"at least {said} ({counted(lacking, 'VM')} without a price)" if lacking else said


def _worst(report: FleetReport) -> Iterator[str]:
    """The worst by name, then how many of each kind there are."""
    found = [each for each in report.findings if each.kind in PROTECTION]
    if not found:
        return
    yield "Worst"
    for each in found[:WORST]:
        said = finding_words(each, report.currency)
        yield f"· {clean(each.subject)} ({where_words(each)}): {said}"
    yield kinds_words(found) + (" --json and --csv name each." if len(found) > WORST else "")


def finding_words(each: FleetFinding, currency: str) -> str:
    """`unprotected: no point of it exists; 32 USD a month mends it`, or `mends a part of it`."""
    words = f"{KIND_WORDS[each.kind]}: {after_colon(each.said).rstrip('.')}"
    if not each.costs:
        return words
    what = "a part of it" if each.leaves_unmet else "it"
    return f"{words}; {brief_money(each.costs, currency)} a month mends {what}"


def kinds_words(found: Iterable[FleetFinding]) -> str:
    """How many of each kind there are, as a sentence."""
    counts = Counter(each.kind for each in found)
    said = [f"{count:,} {KIND_WORDS[kind]}" for kind, count in counts.items()]
    return f"In all: {listed(said)}."


def _savings(report: FleetReport) -> Iterator[str]:
    found = wasted(report)
    if found:
        yield f"To save: {money_words(report.saves, report.currency)} a month"
        for each in found[:WORST]:
            yield (
                f"· {clean(each.subject)} ({where_words(each)}): {each.said}"
                f" {saves_words(each, report.currency)}"
            )
        if len(found) > WORST:
            yield f"  and {len(found) - WORST:,} more"
    apart = [each for each in report.findings if each.saves is not None and not each.counted]
    if apart:
        yield (
            f"Beyond the need, and not advised away: {counted(len(apart), 'finding')},"
            f" {money_words(report.apart, report.currency)} a month"
        )
    others = [each for each in report.findings if each.saves is None and each.kind in TITLES]
    for kind, count in Counter(each.kind for each in others).items():
        yield f"{TITLES[kind]}: {count:,}"


def wasted(report: FleetReport) -> list[FleetFinding]:
    """The findings whose savings count, the dearest first."""
    return sorted((each for each in report.findings if each.counted), key=_dearest_first)


def _dearest_first(each: FleetFinding) -> tuple[Decimal, str]:
    saves = each.saves or MoneySpan(Decimal(0), None)
    return -(saves.least + (saves.most or Decimal(0))), each.subject_id.lower()


def money_words(money: MoneySpan, currency: str) -> str:
    """`12 USD`, `up to 51 USD`, `at least 20 USD`, `20 to 51 USD`."""
    least, most = money
    if most is None:
        return f"at least {brief_money(least, currency)}"
    if least == most:
        return brief_money(most, currency)
    if not least:
        return f"up to {brief_money(most, currency)}"
    return f"{brief_amount(least)} to {brief_money(most, currency)}"


def _groups(report: FleetReport) -> Iterator[str]:
    if not report.groups:
        return
    shown = report.groups[:MOST_GROUPS]
    width = max(len("Group"), *(len(clean(group.name)) for group in shown))
    yield f"{'Group':{width}}  {'VMs':>7}  {'not protected':>13}  {'today':>12}  {'as advised':>12}"
    for group in shown:
        sums = group.sums
        yield (
            f"{clean(group.name):{width}}  {sums.vms:>7,}  {not_protected(sums):>13,}"
            f"  {brief_amount(sums.today):>12}  {brief_amount(sums.after):>12}"
        )
    if len(report.groups) > MOST_GROUPS:
        yield f"and {len(report.groups) - MOST_GROUPS:,} more groups"


def not_protected(sums: FleetSum) -> int:
    """VMs that are not protected as asked, what is not known included."""
    return sums.vms - sums.by_state.get(StateNow.PROTECTED, 0)


def _bought(bought: Sequence[Bought], currency: str) -> Iterator[str]:
    if not bought:
        yield "No need can be met within this budget."
        return
    events = sum(len(each.events) for each in bought)
    yield (
        f"{brief_money(bought[-1].running, currency)} a month buys {counted(len(bought), 'VM')}"
        f" ({counted(events, 'event')} of their needs), the most need for the money first"
    )
    for each in bought:
        row = each.row
        yield (
            f"· {clean(row.name)} ({clean(row.group)}): {clean(row.todo).rstrip('.')}:"
            f" {brief_money(each.costs, currency)}, {brief_money(each.running, currency)} so far"
        )


def small_print(report: FleetReport) -> Iterator[str]:
    """What was not read, what reading took, and how old the prices are."""
    yield from (f"Not read: {clean(text)}" for text in report.unread)
    if report.azure is not None:
        calls = counted(report.azure.calls, "call")
        yield f"Read from Azure in {calls} and {report.azure.seconds} s."
    if report.prices_as_of:
        yield f"Prices as of {report.prices_as_of}."
