"""An advice in short: what is read in ten seconds, the same in terminal, Markdown and Slack.

The order is that of the reader: how the VM is protected now, what to do, what stays uncovered, the
options, what would make the price more certain, what to do next. Everything else is one step away.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.billed_sizes import told
from advisor.model import (
    Advice,
    Alternative,
    Course,
    Decision,
    Gap,
    Meets,
    Monthly,
    Plan,
    PriceOrigin,
    ProtectionNow,
    Source,
    StateNow,
    Vm,
)
from advisor.options import BY_NAME
from advisor.options.descriptions import configuration_parts, kept_words, option_names
from advisor.present.bill_table import sizes_said
from advisor.present.decision_words import undecided
from advisor.present.measured_words import can_be_measured, measured_words
from advisor.present.short_table import OptionsTable, options_table
from advisor.prices.remedy import READ_PROTECTION
from advisor.recommend.explain import REHEARSE, REHEARSED
from advisor.recommend.now import NOTHING_READ
from advisor.recommend.price_hint import price_command
from advisor.words import (
    ORIGIN_WORDS,
    after_colon,
    brief_amount,
    brief_likely,
    brief_money,
    brief_span,
    capital,
    clean,
    counted,
    inside,
    listed,
    missing_lines,
    prices_of,
    quantity,
    sentence,
    tier_words,
)

LARGEST_GAPS = 3  #: disks in no point that are named; the others are counted
MOST_MISSING = 2  #: prices that are named where they are missing; the others are counted
NAME_LIMIT = 40  #: of a VM's name in a command: Azure allows 64 characters
#: Prices that were not read for their region, in the small print.
_UNREAD = {
    PriceOrigin.CARRIED: "carried over",
    PriceOrigin.WORKED_OUT: "worked out",
    PriceOrigin.BOUNDED: "known only to be at most so much",
}


class Sign(NamedTuple):
    """How a state looks at a glance; the word always stands beside it."""

    text: str
    emoji: str


_NOT_GOOD, _HALF, _COMING, _GOOD, _OPEN = (
    Sign("●", "🔴"), Sign("●", "🟠"), Sign("●", "🟡"), Sign("●", "🟢"), Sign("○", "⚪")
)  # fmt: skip
SIGNS = {
    StateNow.UNPROTECTED: _NOT_GOOD,
    StateNow.BROKEN: _NOT_GOOD,
    StateNow.PARTLY: _HALF,
    StateNow.SETTING_UP: _COMING,
    StateNow.PROTECTED: _GOOD,
    StateNow.UNKNOWN: _OPEN,
}


class ShortForm(NamedTuple):
    """The short form, in the order in which it is read. Every text is a stranger's: escape it."""

    name: str
    now: ProtectionNow
    machine: str  #: the VM in one line
    todo: str  #: what to do, a month with its range, against today
    settings: tuple[str, ...]  #: of each part of the plan
    meets: str
    notes: tuple[str, ...]  #: what else matters, the most important first
    not_covered: tuple[str, ...]
    table: OptionsTable
    narrowing: str
    command: str  #: the next one; empty: there is none but the details
    details: str  #: the command that shows the rest
    prices: str  #: how old they are, and what was learned of bills
    measured: str = ""  #: what was measured, and how long ago
    measure: str = ""  #: the command that measures more; empty: there is nothing to measure


def short_form(advice: Advice) -> ShortForm:
    """The advice in short."""
    vm = advice.known.vm
    return ShortForm(
        name=clean(vm.name),
        now=advice.now,
        machine=machine_words(vm),
        todo=_todo(advice),
        settings=tuple(_settings(advice.decision.plan)),
        meets=_meets(advice),
        notes=tuple(dict.fromkeys(sentence(text) for text in _notes(advice))),
        not_covered=tuple(dict.fromkeys(_not_covered(advice))),
        table=options_table(advice),
        narrowing=_narrowing(advice),
        command=_command(advice),
        details=f"vmbackup advise {_name_in_command(vm.name)} --details",
        prices=" ".join(filter(None, (_prices(advice), _learned(advice)))),
        measured=measured_words(advice),
        measure=f"vmbackup measure {_name_in_command(vm.name)}" if can_be_measured(advice) else "",
    )


def state_words(now: ProtectionNow) -> str:
    """`partly protected: data-1 (512 of 640 GB) is in no point`."""
    return f"{now.state.value}: {now.words}" if now.words else now.state.value


def machine_words(vm: Vm) -> str:
    """`rg-shop, westeurope zone 1, Standard_D4s_v5, Linux, 2 disks, 320 GB`."""
    zones = f" zone {listed(vm.zones)}" if vm.zones else ""
    facts = [
        vm.resource_group,
        f"{vm.region}{zones}",
        vm.size or "size not known",
        vm.os_type or "operating system not known",
        sizes_said([disk.size_gib for disk in vm.disks]).replace(" in all", ""),
    ]
    if vm.power_state and vm.power_state.lower() != "running":
        facts.append(vm.power_state)
    return ", ".join(clean(fact) for fact in facts)


# --- what to do ------------------------------------------------------------------------------


def _todo(advice: Advice) -> str:
    decision = advice.decision
    if decision.plan is None or Course.CANNOT_SAY in decision.courses or not decision.brief:
        return decision.sentence
    cost = _cost(decision.plan)
    return f"{decision.brief}: {cost}{_against(advice)}."


def _cost(plan: Plan) -> str:
    """`31 USD a month (8 to 137)`, `at least 18 USD a month (no price for vault storage)`."""
    monthly = plan.monthly
    if not monthly.complete:
        names = _missing_names(plan)
        beside = f" (no price for {names})" if names else ""
        if brief_likely(monthly) == "not known":
            return f"price not known{beside}"
        return f"at least {brief_money(monthly.low, monthly.currency)} a month{beside}"
    between = _between(monthly)
    return f"{brief_likely(monthly)} {monthly.currency} a month" + (
        f" ({between})" if between else ""
    )


def _between(monthly: Monthly) -> str:
    if monthly.likely is None or monthly.high is None:
        return ""
    return brief_span(monthly.low, monthly.high, monthly.likely)


def _missing_names(plan: Plan) -> str:
    names = list(dict.fromkeys(inside(line.usage.name) for line in missing_lines(plan.parts)))
    more = len(names) - MOST_MISSING
    return listed([*names[:MOST_MISSING], f"{more} more"] if more > 0 else names)


def _against(advice: Advice) -> str:
    """What that is against today; nothing where it is not known what is in place."""
    decision, today = advice.decision, advice.decision.today
    if today is None or decision.difference is None or advice.now.state is StateNow.UNKNOWN:
        return ""
    if not today.likely:
        return "; today 0"
    if not decision.difference:
        return ", as today"
    than = "more" if decision.difference > 0 else "less"
    return f"; {brief_amount(abs(decision.difference))} {than} than today"


def _settings(plan: Plan | None) -> Iterator[str]:
    parts = plan.parts if plan else ()
    for part in parts:
        configuration = part.proposal.configuration
        said = configuration_parts(part.option, configuration, keeps=False)
        kept = kept_words(part.option, configuration)
        words = ", ".join(filter(None, (*said, kept)))
        if words:
            yield f"{option_names((part.option,))}: {words}" if len(parts) > 1 else capital(words)


def _meets(advice: Advice) -> str:
    decision = advice.decision
    if decision.plan is None or not _asks(advice):
        return ""
    tier = tier_words(advice.need)
    if decision.meets is Meets.NO:
        return f"Does not meet {tier}: see below."
    if decision.meets is Meets.IF and decision.conditions:
        first, more = decision.conditions[0], len(decision.conditions) - 1
        beside = f", and {counted(more, 'more condition')}" if more else ""
        return f"Meets {tier} if {first}{beside}."
    return f"{'Then it meets' if _COMES & set(decision.courses) else 'Meets'} {tier}."


#: Courses after which the need is met, and not before.
_COMES = frozenset({Course.FIX, Course.WAIT, Course.ADJUST})


def _asks(advice: Advice) -> bool:
    need = advice.need
    return any((need.deletion, need.zone, need.region))


# --- what else matters -----------------------------------------------------------------------


def _notes(advice: Advice) -> Iterator[str]:
    """Each in one line where that is possible, the most important first."""
    decision = advice.decision
    yield from decision.steps
    yield from _alternatives(decision, ("certainty", "without-the-condition", "covers-more"))
    yield from (f"The need is met if {clause}" for clause in decision.conditions[1:])
    yield from filter(None, (decision.bound,))
    yield from decision.irreversible
    yield from _alternatives(decision, ("saving", "may-cost-less", "at-another-size"))
    yield from advice.changes if {Course.KEEP} & set(decision.courses) else ()
    yield from (_open(text) for text in undecided(advice))
    said = {text.split(": ", 1)[-1] for text in undecided(advice)}
    warned = (*advice.need.notices, *advice.warnings)
    yield from (
        text
        for text in warned
        if sentence(text) not in said and not text.startswith(tuple(ORIGIN_WORDS.values()))
    )
    yield from _not_read(advice)


def _open(text: str) -> str:
    """`Site Recovery: peak writes were not measured, so whether … is not known`, no remedy."""
    option, _, rule = text.partition(": ")
    return f"{option}: {after_colon(rule)}".split("; ")[0]


def _alternatives(decision: Decision, kinds: Iterable[str]) -> Iterator[str]:
    for kind in kinds:
        yield from (_in_short(each) for each in decision.alternatives if each.why == kind)


def _in_short(alternative: Alternative) -> str:
    return alternative.brief or alternative.sentence


def _not_read(advice: Advice) -> Iterator[str]:
    """What failed by name; what nobody supplied, unless the state has said so."""
    known = advice.known.not_read
    for each in known:
        if each.failed:
            yield f"Not read: {each}"
    said = advice.now.state is StateNow.UNKNOWN
    names = [each.what for each in known if not each.failed]
    names = [what for what in names if not said or what.startswith("the disk")]
    if names:
        yield f"Not read: {listed(names)}"
    if not known and advice.not_read:
        yield f"Not read: {advice.not_read[0]}"
    yield from (f"Not known: {each}" for each in advice.sizing.not_known)


# --- what stays uncovered --------------------------------------------------------------------


def _not_covered(advice: Advice) -> Iterator[str]:
    decision = advice.decision
    if decision.gaps:
        plan = decision.plan
        is_closed = plan is not None and not plan.gaps and decision.meets is not Meets.NO
        yield gaps_words(decision.gaps, today=is_closed)
    unmet = [text for text in decision.unmet if not (decision.gaps and "in no point" in text)]
    yield from (_uncovered(text) for text in unmet)
    beside = {REHEARSE, REHEARSED, *_worth_knowing(decision.plan)}
    yield from (_uncovered(text) for text in advice.not_covered if text not in beside)


def _worth_knowing(plan: Plan | None) -> Iterator[str]:
    """Notes on how an option works, which leave nothing uncovered."""
    for part in plan.parts if plan else ():
        known = BY_NAME.get(part.option)
        lacking = known.not_covered if known else ()
        yield from (note for note in part.proposal.notes if note not in lacking)


def _uncovered(text: str) -> str:
    """Under its title `the loss of its region is not covered` is `The loss of its region.`"""
    return sentence(text.removesuffix(".").removesuffix(" is not covered"))


def gaps_words(gaps: Sequence[Gap], *, today: bool = False) -> str:
    """`In no recovery point: data-1 (512 GB), data-2 (256 GB), data-3 and 4 more disks.`

    `today`: the plan takes them in.
    """
    largest = sorted(gaps, key=lambda gap: -(gap.size_gib or 0))
    names = [_gap(gap) for gap in largest[:LARGEST_GAPS]]
    more = len(gaps) - LARGEST_GAPS
    rest = [counted(more, "more disk")] if more > 0 else []
    return f"In no recovery point{' today' if today else ''}: {listed([*names, *rest])}."


def _gap(gap: Gap) -> str:
    return gap.disk if gap.size_gib is None else f"{gap.disk} ({gap.size_gib:,} GB)"


# --- the price, and what comes next ----------------------------------------------------------


def _narrowing(advice: Advice) -> str:
    """What would narrow the range most, with the figures."""
    monthly = advice.decision.plan.monthly if advice.decision.plan else None
    if not advice.narrowing or monthly is None or monthly.likely is None:
        return ""
    first, *more = advice.narrowing
    wide = advice.sizing.used_gib.source is Source.ASSUMED
    start = "Sizes are assumed: if" if wide else "If"
    between = brief_span(first.low, first.high, monthly.likely)
    said = f"{start} {first.what} were known ({first.flag}), {between or brief_amount(first.low)}"
    for each in more:
        between = brief_span(each.low, each.high, monthly.likely)
        said += f"; with {each.flag} too, {between or brief_amount(each.low, monthly.likely)}"
    return f"{said}."


def _command(advice: Advice) -> str:
    """The command that supplies what is missing: prices first, then what protects the VM."""
    plan = advice.decision.plan
    parts = list(plan.parts) if plan and plan.monthly.missing else []
    if Course.CANNOT_SAY in advice.decision.courses:
        named = [each.plan for each in advice.decision.alternatives if each.plan]
        parts += [part for each in named if each.monthly.missing for part in each.parts]
    if parts:
        return price_command(parts, advice.known.vm.region)
    courses = advice.decision.courses
    open_rule = bool(advice.nearest) and not any(each.failed for each in advice.known.not_read)
    unread = Course.CANNOT_SAY in courses and not open_rule
    unread = unread or advice.now.words == NOTHING_READ
    return READ_PROTECTION if unread and Course.NOTHING_TO_PROTECT not in courses else ""


def _name_in_command(name: str) -> str:
    shown = clean(name)
    shown = shown if len(shown) <= NAME_LIMIT else f"{shown[: NAME_LIMIT - 1]}…"
    return shlex.quote(shown)


def _prices(advice: Advice) -> str:
    said = prices_of(advice.prices_as_of, advice.prices_age_days)
    if not said:
        return ""
    parts = advice.decision.plan.parts if advice.decision.plan else ()
    origins = {line.origin for part in parts for line in part.lines if line.monthly}
    unread = [words for origin, words in _UNREAD.items() if origin in origins]
    return f"{said}, some {listed(unread, 'or')}." if unread else f"{said}."


def _learned(advice: Advice) -> str:
    used, billed = advice.sizing.used_gib, advice.known.billed
    if used.source is not Source.BILLED or billed is None:
        return ""
    return f"In use are {quantity(used.range.likely)} GB, learned from {told(billed)}."
