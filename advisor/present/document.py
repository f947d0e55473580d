"""An advice in the order an engineer reads it: what to take, how the options compare, the bill,
the reasons, what is not covered, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from advisor.model import (
    Advice,
    Assessment,
    Course,
    Decision,
    Estimate,
    Estimated,
    Plan,
    Reason,
    Sizing,
    Verdict,
    Vm,
)
from advisor.options.descriptions import configuration_words, option_name, option_names
from advisor.present.bill_table import bill, first_months, saving_words, sizes_said
from advisor.present.blocks import Block, BulletList, Command, Document, Paragraph
from advisor.present.comparison import alone, best_of_each, columns, comparison
from advisor.present.decision_words import (
    also_possible,
    left_out,
    no_way_back,
    on_condition,
    undecided,
    what_to_do,
)
from advisor.present.granular_billing import granular_billing, granular_commands
from advisor.words import (
    capital,
    cost,
    listed,
    missing_lines,
    money,
    need_origin,
    need_words,
    plan_cost,
    prices_dated,
    quantity_range,
    sentence,
    sentences,
)

#: Rules whose finding the warnings and what is unmet say in their own words.
_SAID_ELSEWHERE = frozenset({"common-moment"})


def advice_document(advice: Advice) -> Document:
    """Everything an advice says, as blocks."""
    return Document(
        title=vm_words(advice.known.vm),
        blocks=_worth_saying(
            Paragraph(f"Need: {_need(advice)}."),
            Paragraph(headline(advice), strong=True),
            *_decided(advice.decision),
            BulletList("Warnings", _said((*advice.need.notices, *advice.warnings))),
            BulletList("Nearest plans", tuple(_near(plan) for plan in advice.nearest)),
            comparison(advice) if advice.assessments else Paragraph(""),
            *_bill_of(advice),
            BulletList("Why", _said(advice.reasons)),
            BulletList("Not covered", _said(advice.not_covered)),
            BulletList("In place today", _in_place(advice)),
            BulletList("If you change it", _said(advice.changes)),
            BulletList("How it is billed", granular_billing(advice.in_place)),
            *map(Command, granular_commands(advice.in_place)),
            *_why_not(advice),
            BulletList("Break-evens", _said(advice.break_evens)),
            _sizes(advice.sizing, advice.drives_spread),
            BulletList("Not decided", undecided(advice)),
            BulletList("Not read", advice.not_read),
            Paragraph(prices_dated(advice.prices_as_of, advice.prices_age_days)),
        ),
    )


def estimated_document(estimated: Estimated) -> Document:
    """Everything an estimate says, as blocks."""
    assessment = estimated.assessment
    months = first_months(estimated.by_month, assessment.monthly.currency)
    return Document(
        title=sizes_said([size.provisioned_gib for size in estimated.sizing.disks]),
        blocks=_worth_saying(
            Paragraph(estimate_headline(estimated), strong=True),
            bill((assessment,), assessment.monthly),
            Paragraph(months),
            alone(assessment),
            BulletList("What could be saved", _savings(estimated)),
            BulletList("Worth knowing", tuple(worth_knowing(assessment))),
            BulletList("Does not meet the need", _said(assessment.unmet)),
            _verdict_listing("Not allowed", (assessment,), Verdict.NO),
            _verdict_listing("Not known", (assessment,), Verdict.UNKNOWN),
            BulletList("Prices missing", _missing((assessment,))),
            _sizes(estimated.sizing, estimated.drives_spread),
            BulletList("Not said", _not_supplied((assessment,))),
            Paragraph(prices_dated(estimated.prices_as_of, estimated.prices_age_days)),
        ),
    )


# --- sentences others use too ----------------------------------------------------------------


def vm_words(vm: Vm) -> str:
    """`web-01 in rg-shop: Standard_D4s_v5, Windows, westeurope zone 1, 3 disks, ...`."""
    zones = f" zone {listed(vm.zones)}" if vm.zones else ""
    facts = [vm.size or "size not known", vm.os_type or "operating system not known"]
    if vm.power_state and vm.power_state.lower() != "running":
        facts.append(vm.power_state)
    facts += [f"{vm.region}{zones}", sizes_said([disk.size_gib for disk in vm.disks])]
    return f"{vm.name} in {vm.resource_group}: {', '.join(facts)}"


def plan_words(plan: Plan) -> str:
    """`Azure Backup (Standard policy every 24 h, ...) and Site Recovery (to northeurope, ...)`."""
    return capital(listed(_part(part) for part in plan.parts))


def headline(advice: Advice) -> str:
    """The decision in one sentence: the one thing to read."""
    decision = advice.decision
    return " ".join(filter(None, (decision.sentence, _costs(decision, advice.currency))))


def _costs(decision: Decision, currency: str) -> str:
    """What the plan costs a month, and what that is against today."""
    if decision.plan is None:
        return ""
    start = "The nearest costs " if Course.NOTHING_MEETS in decision.courses else ""
    change = decision.difference
    if change is None or decision.today is None or not decision.today.low:
        return f"{start}{plan_cost(decision.plan)}."
    if not change:
        return f"{start}{plan_cost(decision.plan)}, as today."
    than = "more" if change > 0 else "less"
    return f"{start}{plan_cost(decision.plan)}; {money(abs(change), currency)} {than} than today."


def estimate_headline(estimated: Estimated) -> str:
    """What the one option costs, in one sentence."""
    each = estimated.assessment
    return f"{capital(_part(each))}: {cost((each,), each.monthly)}."


def _savings(estimated: Estimated) -> tuple[str, ...]:
    """Each saving, what it takes, and what it would be for this VM: beside the total."""
    currency = estimated.assessment.monthly.currency
    return tuple(saving_words(each, currency) for each in estimated.savings)


def _part(part: Assessment) -> str:
    words = configuration_words(part.option, part.proposal.configuration)
    return f"{option_name(part.option)} ({words})" if words else option_name(part.option)


# --- parts of an advice ----------------------------------------------------------------------


def _decided(decision: Decision) -> tuple[Block, ...]:
    """What the sentence of the decision is made of."""
    return (
        BulletList("What to do", what_to_do(decision)),
        BulletList("On condition", on_condition(decision)),
        BulletList("Left out", left_out(decision)),
        BulletList("Also possible", also_possible(decision)),
        BulletList("No way back", no_way_back(decision)),
    )


def _need(advice: Advice) -> str:
    origin = need_origin(advice.need.origin)
    return need_words(advice.need) + (f" ({origin})" if origin else "")


def _near(plan: Plan) -> str:
    lacking = f" Unmet: {sentences(plan.unmet)}" if plan.unmet else ""
    return f"{plan_words(plan)}: {plan_cost(plan)}.{lacking}"


def _bill_of(advice: Advice) -> tuple[Block, ...]:
    plan = advice.recommended
    if plan is None:
        return ()
    return (
        bill(plan.parts, plan.monthly),
        Paragraph(first_months(advice.by_month, advice.currency)),
    )


def _in_place(advice: Advice) -> tuple[str, ...]:
    found = tuple(_found(each.sentence, each.assessment) for each in advice.in_place)
    return found + ((unprotected_words(advice.unprotected),) if advice.unprotected else ())


def unprotected_words(said: str) -> str:
    """What is known where no protection was found, as a sentence.

    `unprotected` and `not in vault v1` are said of the VM; the rest is a sentence already.
    """
    of_vm = said == "unprotected" or said.startswith("not in ")
    return sentence(f"This VM is {said}" if of_vm else said)


def _found(said: str, assessment: Assessment | None) -> str:
    if assessment is None:
        return sentence(said)
    meets = {True: " It meets the need.", False: " Alone it does not meet the need.", None: ""}
    return sentence(said) + meets[assessment.meets_need]


def _why_not(advice: Advice) -> tuple[Block, ...]:
    """Why a column of the table is not taken: not allowed, not known, or the need not met."""
    shown = best_of_each(advice.assessments)
    unmet = (
        f"{option_names((each.option,))}: {sentences(each.unmet)}"
        for each in shown
        if each.verdict is not Verdict.NO and each.meets_need is False and each.unmet
    )
    every = _distinct(part for column in columns(advice) for part in column.parts)
    return (
        _verdict_listing("Not allowed", shown, Verdict.NO),
        _verdict_listing("Not known", shown, Verdict.UNKNOWN),
        BulletList("Does not meet the need", tuple(unmet)),
        BulletList("Prices missing", _missing(every)),
        BulletList("Worth knowing", _notes(every, (*advice.not_covered, *advice.warnings))),
    )


def _notes(parts: Iterable[Assessment], said: Sequence[str]) -> tuple[str, ...]:
    """What is worth knowing of each option, unless it was said already."""
    notes = (
        f"{option_names((part.option,))}: {note}"
        for part in parts
        for note in worth_knowing(part, said)
    )
    return tuple(dict.fromkeys(notes))


def worth_knowing(
    part: Assessment, said: Sequence[str] = (), *, articles: bool = True
) -> Iterator[str]:
    """An option's notes, and what its rules found that limits it without forbidding it."""
    yield from (sentence(note) for note in part.proposal.notes if note not in said)
    if part.verdict is Verdict.NO:
        return
    for reason in part.proposal.reasons:
        if _limits(reason) and reason.text not in said and not _decides(reason, part.verdict):
            yield sentence(reason.text) + (f" ({reason.source})" if articles else "")


def _limits(reason: Reason) -> bool:
    """A no that does not block, or an open question about what was read."""
    if reason.rule in _SAID_ELSEWHERE or reason.not_supplied:
        return False
    return reason.verdict is Verdict.UNKNOWN or (
        reason.verdict is Verdict.NO and not reason.blocking
    )


def _distinct(parts: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """Each assessment once, though a plan and a column of its own may share it."""
    seen: dict[tuple[str, str], Assessment] = {}
    for part in parts:
        words = configuration_words(part.option, part.proposal.configuration)
        seen.setdefault((part.option, words), part)
    return tuple(seen.values())


def _verdict_listing(title: str, shown: Sequence[Assessment], verdict: Verdict) -> BulletList:
    said = (
        f"{option_names((each.option,))}: {sentence(reason.text)} ({reason.source})"
        for each in shown
        if each.verdict is verdict
        for reason in each.proposal.reasons
        if _decides(reason, verdict)
    )
    return BulletList(title, tuple(said))


def _decides(reason: Reason, verdict: Verdict) -> bool:
    return reason.blocking and reason.verdict is verdict and not reason.not_supplied


def _missing(parts: Iterable[Assessment]) -> tuple[str, ...]:
    """What is missing line by line: the sentence says what would supply it."""
    every = tuple(parts)
    said = (
        f"{option_names((part.option,))}, {line.usage.name}: {sentence(line.missing)}"
        for part in every
        for line in missing_lines((part,))
    )
    return tuple(dict.fromkeys(said))


def _not_supplied(parts: Iterable[Assessment]) -> tuple[str, ...]:
    reasons = (reason for part in parts for reason in part.proposal.reasons)
    return tuple(sentence(reason.text) for reason in reasons if reason.not_supplied)


def _sizes(sizing: Sizing, drives_spread: str) -> BulletList:
    """What was counted with, and which assumption matters most."""
    estimates = (
        ("In use", "GB", sizing.used_gib),
        ("Changed a day", "GB", sizing.changed_gib_per_day),
        ("Written a day", "GB", sizing.written_gib_per_day),
        ("Peak writes", "MB/s", sizing.peak_write_mb_per_s),
    )
    said = tuple(_size(name, unit, each) for name, unit, each in estimates)
    unknown = (f"Not known: {listed(sizing.not_known)}.",) if sizing.not_known else ()
    spread = (sentence(drives_spread),) if drives_spread else ()
    return BulletList("Sizes counted with, and what to measure", (*spread, *said, *unknown))


def _size(name: str, unit: str, estimate: Estimate | None) -> str:
    if estimate is None:
        return f"{name}: neither measured nor stated."
    value = quantity_range(estimate.range, unit)
    return f"{name}: {value}, {estimate.source.value}. {sentence(estimate.basis)}"


def _said(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sentence(text) for text in texts)


def _worth_saying(*blocks: Block) -> tuple[Block, ...]:
    return tuple(block for block in blocks if _holds(block))


def _holds(block: Block) -> bool:
    if isinstance(block, (Paragraph, Command)):
        return bool(block.text)
    return bool(block.items if isinstance(block, BulletList) else block.rows)
