"""A fleet in the terminal: the sums, what is worst, what is saved, and where to look next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from advisor.model import StateNow
from advisor.model.fleet import Bought, FindingKind, FleetFinding, FleetReport, FleetSum, MoneySpan
from advisor.present.fleet_words import KIND_WORDS, TITLES, if_words, saves_words, where_words
from advisor.present.short_form import SIGNS
from advisor.words import (
    after_colon,
    brief_amount,
    brief_money,
    clean,
    counted,
    listed,
    prices_dated,
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
    today = _costs(sums.today, sums.today_without_price, report.currency, " a month today")
    after = _costs(sums.after, sums.after_without_price, report.currency)
    return f"Protection costs {today}; as advised it costs {after}."


def _costs(amount: Decimal, lacking: int, currency: str, when: str = "") -> str:
    """`1,234 USD a month today`, or `at least 1,234 USD a month today (6 VMs without a price)`."""
    if not lacking:
        return f"{brief_money(amount, currency)}{when}"
    said = f"at least {brief_money(amount, currency)}" if amount else "an unknown amount"
    return f"{said}{when} ({counted(lacking, 'VM')} without a price)"


def _worst(report: FleetReport) -> Iterator[str]:
    """The worst by name, then how many of each kind there are."""
    found = [each for each in report.findings if each.kind in PROTECTION]
    if not found:
        return
    yield "Worst"
    for each in found[:WORST]:
        said = finding_words(each, report.currency)
        yield f"· {clean(each.subject)} ({where_words(each)}): {said}"
    yield kinds_words(report) + (" --json and --csv name each." if len(found) > WORST else "")


def finding_words(each: FleetFinding, currency: str) -> str:
    """`unprotected, 320 GB at stake: no point of it exists; 32 USD a month mends it`.

    Or `mends a part of it`, or `mends it, if ...`. At stake is what the disks are provisioned
    with, by which the worst are ranked.
    """
    stake = f", {each.at_stake_gib:,} GB at stake" if each.at_stake_gib else ""
    words = f"{KIND_WORDS[each.kind]}{stake}: {after_colon(each.said).rstrip('.')}"
    if not each.costs:
        return words
    what = "a part of it" if each.leaves_unmet else "it"
    mends = f"{brief_money(each.costs, currency)} a month mends {what}{if_words(each.conditions)}"
    return f"{words}; {mends}"


def kinds_words(report: FleetReport) -> str:
    """How many findings of each kind speak of protection, as a sentence, or two: an unprotected VM
    that holds nothing to protect is no finding, and its state is counted all the same."""
    counts = Counter(each.kind for each in report.findings if each.kind in PROTECTION)
    said = [f"{count:,} {KIND_WORDS[kind]}" for kind, count in counts.items()]
    unprotected = report.sums.by_state.get(StateNow.UNPROTECTED, 0)
    idle = unprotected - counts[FindingKind.UNPROTECTED]
    more = f" {idle:,} more unprotected, with nothing to protect." if idle > 0 else ""
    return f"In all: {listed(said)}.{more}"


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
    head = f"{'VMs':>7}  {'not fully protected':>19}  {'today':>12}  {'as advised':>12}"
    yield f"{'Group':{width}}  {head}"
    for group in shown:
        sums = group.sums
        yield (
            f"{clean(group.name):{width}}  {sums.vms:>7,}  {not_protected(sums):>19,}"
            f"  {_floor(sums.today, sums.today_without_price):>12}"
            f"  {_floor(sums.after, sums.after_without_price):>12}"
        )
    if len(report.groups) > MOST_GROUPS:
        yield f"and {len(report.groups) - MOST_GROUPS:,} more groups: --json has them all"
    lacks = any(one.sums.today_without_price or one.sums.after_without_price for one in shown)
    said = " ≥: at least, for want of the price of some VMs." if lacks else ""
    yield f"In {report.currency} a month.{said}"


def _floor(amount: Decimal, lacking: int) -> str:
    """`498`, `≥ 498` where VMs are without a price, `unknown` where nothing else has one."""
    if not lacking:
        return brief_amount(amount)
    return f"≥ {brief_amount(amount)}" if amount else "unknown"


def not_protected(sums: FleetSum) -> int:
    """VMs that are not protected as asked, what is not known included."""
    return sums.vms - sums.by_state.get(StateNow.PROTECTED, 0)


def bought_words(bought: Sequence[Bought], currency: str) -> str:
    """What a budget buys, in one sentence without its full stop."""
    if not bought:
        return "No need can be met within this budget"
    events = sum(len(each.events) for each in bought)
    return (
        f"{brief_money(bought[-1].running, currency)} a month buys {counted(len(bought), 'VM')}"
        f" ({counted(events, 'event')} of their needs), the most need for the money first"
    )


def _bought(bought: Sequence[Bought], currency: str) -> Iterator[str]:
    yield bought_words(bought, currency) + ("" if bought else ".")
    for each in bought:
        row = each.row
        yield (
            f"· {clean(row.name)} ({clean(row.group)}): {clean(row.todo).rstrip('.')}:"
            f" {brief_money(each.costs, currency)}, {brief_money(each.running, currency)} so far"
            f"{if_words(row.conditions)}"
        )


def small_print(report: FleetReport) -> Iterator[str]:
    """What was not read, what reading took, and how old the prices are."""
    yield from (f"Not read: {clean(text)}" for text in report.unread)
    if report.azure is not None:
        calls = counted(report.azure.calls, "call")
        yield f"Read from Azure in {calls} and {report.azure.seconds} s."
    if prices := prices_dated(report.prices_as_of, report.prices_age_days):
        yield prices
