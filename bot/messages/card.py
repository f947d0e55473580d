"""The card of an advice: one message, the recommendation first, short enough for a tired reader.

The phrases are those of the terminal (`advisor.present`); this module selects and arranges them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model import Advice, Estimate, Event, Plan, Recovery, Verdict
from advisor.options.descriptions import configuration_parts, option_name
from advisor.present.comparison import Column, best_of_each, best_recovery, columns
from advisor.present.decision_words import (
    also_possible,
    left_out,
    no_way_back,
    on_condition,
    undecided,
    what_to_do,
)
from advisor.present.document import (
    headline,
    plan_words,
    unprotected_words,
    vm_words,
    worth_knowing,
)
from advisor.words import (
    VERDICT_WORDS,
    back_within,
    capital,
    duration,
    listed,
    monthly_likely,
    monthly_span,
    need_origin,
    need_words,
    plan_cost,
    prices_dated,
    quantity,
    sentence,
    sentences,
)
from bot.messages.blocks import (
    Block,
    Message,
    bullets,
    context,
    cut,
    header,
    paragraph,
    rich_text,
    run,
    table,
    top_level,
    width,
)
from bot.messages.inputs import VALUE_LIMIT, actions, button

#: The action_id of the button that opens the form for a snapshot.
SNAPSHOT_ACTION = "advise:snapshot"
#: Slack refused mixed blocks of about 13,200 characters (bolt-js #2509, undocumented). With the
#: largest table, heading and small print (under 7,000) the sections below stay under 12,500.
SECTIONS_BUDGET = 5500
LEAD_LIMIT = 600
SENTENCE_LIMIT = 400
HEADING_LIMIT = 60
OPTION_ROWS = 5
#: Room kept in the budget for a section's title and its "and N more".
_FRAME = 150
_NAME_LIMIT = 40

_COLUMNS = (
    "Option",
    "Allowed",
    "A month (low to high)",
    "RPO: deletion",
    "RPO: zone, region",
    "RTO",
    "Meets the need",
)
_NOTHING = "none"
_NOT_GIVEN = "-"  #: the value for an option that the VM may not use


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list of sentences, of which at most `most` are shown."""

    title: str
    sentences: tuple[str, ...]
    most: int = 3


def card(advice: Advice, asked: str = "", *, offers_snapshot: bool = False) -> Message:
    """The advice for the channel; `asked` names the requester and the command, for the small print.

    `offers_snapshot`: with the button that opens the form for a snapshot.
    """
    vm = advice.known.vm
    blocks = [
        header(f"Protection for {vm.name}"),
        context(vm_words(vm), f"Subscription {vm.subscription_id}", _need(advice)),
        rich_text(paragraph(run(headline(advice), LEAD_LIMIT, bold=True))),
        *_options_table(advice),
        *_shown(_sections(advice)),
        *(_snapshot_button(vm.id, vm.name) if offers_snapshot else ()),
        context(*_small_print(advice, asked)),
    ]
    return Message(text=top_level(_spoken(advice)), blocks=tuple(blocks), public=True)


def _snapshot_button(vm_id: str, name: str) -> Iterator[Block]:
    """The button. Its value is the VM's full id, because two VMs can have the same name."""
    if width(vm_id) <= VALUE_LIMIT:
        label = f"Ask for a snapshot of {cut(name, _NAME_LIMIT)}"
        yield actions(button("Ask for a snapshot …", SNAPSHOT_ACTION, vm_id, label=label))


# --- the table ------------------------------------------------------------------------------


def _options_table(advice: Advice) -> Iterator[Block]:
    rows = [_row(column, advice) for column in columns(advice)[:OPTION_ROWS]]
    if rows:
        yield table([_COLUMNS, *rows])


def _row(column: Column, advice: Advice) -> tuple[str, ...]:
    return (
        _option(column, advice),
        VERDICT_WORDS[column.allowed],
        _month(column),
        _rpo(column, Event.DELETION),
        _elsewhere_rpo(column),
        _rto(column),
        _meets(column, advice),
    )


def _option(column: Column, advice: Advice) -> str:
    """The option with its settings, except for the recommended plan: the headline has those."""
    names = " + ".join(capital(option_name(part.option)) for part in column.parts)
    name = f"{names} ({column.mark})" if column.mark else names
    if advice.recommended and column.parts == advice.recommended.parts:
        return name
    said = (configuration_parts(part.option, part.proposal.configuration) for part in column.parts)
    settings = ", ".join(phrase for phrases in said for phrase in phrases)
    return f"{name}: {settings}" if settings else name


def _month(column: Column) -> str:
    between = monthly_span(column.monthly)
    return monthly_likely(column.monthly) + (f" ({between})" if between else "")


def _rpo(column: Column, event: Event) -> str:
    given = _given(column, event)
    return _no_value(column) if given is None else duration(given.rpo)


def _elsewhere_rpo(column: Column) -> str:
    given = ((event, _given(column, event)) for event in (Event.ZONE, Event.REGION))
    said = [f"{event} {duration(each.rpo)}" for event, each in given if each is not None]
    return ", ".join(said) or _no_value(column)


def _rto(column: Column) -> str:
    given = ((event, _given(column, event)) for event in Event)
    said = [f"{event} {back_within(each.rto)}" for event, each in given if each is not None]
    return ", ".join(said) or _no_value(column)


def _given(column: Column, event: Event) -> Recovery | None:
    return None if column.allowed is Verdict.NO else best_recovery(column.parts, event)


def _no_value(column: Column) -> str:
    return _NOT_GIVEN if column.allowed is Verdict.NO else _NOTHING


def _meets(column: Column, advice: Advice) -> str:
    if column.meets_need is None:
        return _NOT_GIVEN
    if column.allowed is Verdict.NO:
        return "no"
    if column.meets_need:
        return "yes"
    lacking = [event for event in Event if advice.need.of(event) and event not in column.met]
    return f"no, lacks {listed(lacking)}" if lacking else _first_unmet(column)


def _first_unmet(column: Column) -> str:
    unmet = [each for part in column.parts for each in part.unmet]
    return f"no: {unmet[0]}" if unmet else "no"


# --- the sections ---------------------------------------------------------------------------


def _sections(advice: Advice) -> tuple[Section, ...]:
    """The sections, the most important first: where room is short, the last ones are cut."""
    decision = advice.decision
    return (
        Section("What to do", what_to_do(decision), most=4),
        Section("On condition", on_condition(decision)),
        Section("Left out", left_out(decision), most=4),
        Section("Also possible", also_possible(decision)),
        Section("No way back", no_way_back(decision)),
        Section("Nearest plans", tuple(_nearest(plan) for plan in advice.nearest)),
        Section("Why", advice.reasons, most=4),
        Section("Not allowed", tuple(_objections(advice, Verdict.NO))),
        Section("Not known whether allowed", tuple(_objections(advice, Verdict.UNKNOWN))),
        Section("Not covered", advice.not_covered),
        Section("In place today", _in_place(advice), most=4),
        Section("Warnings", (*advice.need.notices, *advice.warnings)),
        Section("Worth knowing", tuple(_worth_knowing(advice)), most=4),
        Section("Behind the range", (advice.drives_spread,) if advice.drives_spread else ()),
        Section("Break-evens", advice.break_evens, most=2),
        Section("Not decided", undecided(advice), most=2),
        Section("Not read", advice.not_read, most=2),
    )


def _worth_knowing(advice: Advice) -> Iterator[str]:
    """The notes that limit the recommended plan without forbidding it.

    Those about the other plans are shown in the terminal.
    """
    said = (*advice.not_covered, *advice.warnings)
    for part in advice.recommended.parts if advice.recommended else ():
        for note in worth_knowing(part, said, articles=False):
            yield f"{capital(option_name(part.option))}: {note}"


def _need(advice: Advice) -> str:
    origin = need_origin(advice.need.origin)
    return f"Need: {need_words(advice.need)}" + (f" ({origin})" if origin else "")


def _nearest(plan: Plan) -> str:
    unmet = f" Unmet: {sentences(plan.unmet)}" if plan.unmet else ""
    return f"{plan_words(plan)}: {plan_cost(plan)}.{unmet}"


def _objections(advice: Advice, verdict: Verdict) -> Iterator[str]:
    """For each option the first rule with this verdict; the terminal shows the others."""
    for each in best_of_each(advice.assessments):
        reasons = (reason for reason in each.proposal.reasons if reason.blocking)
        said = [reason.text for reason in reasons if reason.verdict is verdict]
        if each.verdict is verdict and said:
            yield f"{capital(option_name(each.option))}: {sentence(said[0])}"


def _in_place(advice: Advice) -> tuple[str, ...]:
    found = tuple(each.sentence for each in advice.in_place)
    nothing = (unprotected_words(advice.unprotected),) if advice.unprotected else ()
    return nothing + found + advice.changes


def _shown(sections: Sequence[Section]) -> Iterator[Block]:
    room = SECTIONS_BUDGET - _FRAME * len(sections)
    for section in sections:
        kept = _fitting(section, room)
        room -= sum(width(each) for each in kept)
        lines = [*kept, *_more(len(section.sentences) - len(kept))]
        if lines:
            title = paragraph(run(section.title, HEADING_LIMIT, bold=True))
            items = [paragraph(run(line, SENTENCE_LIMIT)) for line in lines]
            yield rich_text(title, bullets(items))


def _fitting(section: Section, room: int) -> list[str]:
    kept: list[str] = []
    for each in section.sentences[: section.most]:
        shown = cut(sentence(each), SENTENCE_LIMIT)
        room -= width(shown)
        if room < 0:
            break
        kept.append(shown)
    return kept


def _more(count: int) -> list[str]:
    return [f"and {count} more"] if count > 0 else []


# --- the small print and the spoken text ----------------------------------------------------


def _small_print(advice: Advice, asked: str) -> Iterator[str]:
    yield f"{_prices(advice)} {_sizes(advice)}".lstrip()
    if asked:
        yield asked


def _prices(advice: Advice) -> str:
    """How old they are, and why the price list was not asked."""
    dated = prices_dated(cut(advice.prices_as_of, HEADING_LIMIT), advice.prices_age_days)
    return cut(" ".join((dated, *advice.price_notes)).strip(), SENTENCE_LIMIT)


def _sizes(advice: Advice) -> str:
    sizing = advice.sizing
    return (
        f"Sizes: {_size(sizing.used_gib)} in use, {_size(sizing.changed_gib_per_day)} changed "
        f"a day, {_size(sizing.written_gib_per_day)} written a day."
    )


def _size(estimate: Estimate) -> str:
    return f"{quantity(estimate.range.likely)} GB ({estimate.source})"


def _spoken(advice: Advice) -> Iterator[str]:
    """The whole meaning in plain sentences, for notifications and screen readers."""
    yield cut(f"{advice.known.vm.name}: {headline(advice)}", LEAD_LIMIT)
    for column in columns(advice)[:OPTION_ROWS]:
        yield cut(_row_sentence(column, advice), SENTENCE_LIMIT)
    yield cut(_need(advice), SENTENCE_LIMIT) + "."
    yield _prices(advice)
    for section in _sections(advice):
        for number, each in enumerate(section.sentences[: section.most]):
            lead = f"{section.title}: " if number == 0 else ""
            yield lead + cut(sentence(each), SENTENCE_LIMIT)
    yield _sizes(advice)


def _row_sentence(column: Column, advice: Advice) -> str:
    return (
        f"{_option(column, advice)}; allowed: {VERDICT_WORDS[column.allowed]}; "
        f"{_month(column)} a month; RPO after deletion: {_rpo(column, Event.DELETION)}; "
        f"RPO after losing zone or region: {_elsewhere_rpo(column)}; RTO: {_rto(column)}; "
        f"meets the need: {_meets(column, advice)}."
    )
