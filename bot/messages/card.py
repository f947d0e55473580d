"""The card: an advice as one message, the recommendation first, short enough to be read tired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model import Advice, Assessment, Plan, Verdict
from bot.messages import words
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

#: Slack refused mixed blocks of about 13,200 characters (bolt-js #2509, undocumented). With the
#: largest table and heading (about 5,000) the sections below stay under 12,000.
SECTIONS_BUDGET = 6500
LEAD_LIMIT = 600
SENTENCE_LIMIT = 400
OPTION_ROWS = 6
HEADING_LIMIT = 60
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


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list of sentences, of which at most `most` are shown."""

    title: str
    sentences: tuple[str, ...]
    most: int = 3


def card(advice: Advice, asked: str = "") -> Message:
    """The advice for the channel; `asked` says who asked with which words, for the small print."""
    blocks = [
        header(f"Protection for {advice.known.vm.name}"),
        context(words.place(advice.known.vm)),
        rich_text(paragraph(run(words.recommendation(advice), LEAD_LIMIT, bold=True))),
        *_options_table(advice),
        *_shown(_sections(advice), advice.known.vm.name),
        context(*_small_print(advice, asked)),
    ]
    return Message(text=top_level(_spoken(advice)), blocks=tuple(blocks), public=True)


def best_of_each_option(advice: Advice) -> tuple[Assessment, ...]:
    """One row per option: its part of the recommended plan, else its best configuration."""
    rows: dict[str, Assessment] = {}
    parts = advice.recommended.parts if advice.recommended else ()
    for assessment in (*parts, *advice.assessments):
        rows.setdefault(assessment.option, assessment)
    return tuple(rows.values())[:OPTION_ROWS]


def _options_table(advice: Advice) -> Iterator[Block]:
    rows = [_row(assessment, advice) for assessment in best_of_each_option(advice)]
    if rows:
        yield table([_COLUMNS, *rows])


def _row(assessment: Assessment, advice: Advice) -> tuple[str, ...]:
    return (
        words.option_title(assessment) + _recommended_mark(assessment, advice),
        words.verdict(assessment),
        words.cost(assessment.monthly),
        words.deletion_rpo(assessment),
        words.elsewhere_rpo(assessment),
        words.rto(assessment),
        words.meets(assessment),
    )


def _recommended_mark(assessment: Assessment, advice: Advice) -> str:
    parts = advice.recommended.parts if advice.recommended else ()
    return ", recommended" if assessment in parts else ""


def _sections(advice: Advice) -> tuple[Section, ...]:
    """In the order in which they matter: when there is no room, the last ones give way."""
    return (
        Section("Nearest", tuple(_nearest(plan) for plan in advice.nearest)),
        Section("Why", advice.reasons, most=4),
        Section("Not allowed, or not known", tuple(_objections(advice))),
        Section("Does not cover", advice.not_covered),
        Section("In place today", _in_place(advice), most=4),
        Section("Mind", advice.warnings),
        Section("Behind the range", (advice.drives_spread,) if advice.drives_spread else ()),
        Section("Break-evens", advice.break_evens),
        Section("Not read", advice.not_read, most=2),
    )


def _nearest(plan: Plan) -> str:
    unmet = f" Unmet: {'; '.join(plan.unmet)}." if plan.unmet else ""
    return f"{words.plan_title(plan)}: {words.cost_sentence(plan.monthly)}.{unmet}"


def _objections(advice: Advice) -> Iterator[str]:
    for assessment in best_of_each_option(advice):
        if assessment.verdict is Verdict.YES:
            continue
        for reason in assessment.proposal.reasons:
            if reason.blocking and reason.verdict is assessment.verdict:
                yield f"{words.option_name(assessment.option)}: {reason.text}"
                break


def _in_place(advice: Advice) -> tuple[str, ...]:
    found = tuple(each.sentence for each in advice.in_place)
    nothing = (f"Nothing found: {advice.unprotected}.",) if advice.unprotected else ()
    return nothing + found + advice.changes


def _shown(sections: Sequence[Section], vm_name: str) -> Iterator[Block]:
    room = SECTIONS_BUDGET - _FRAME * len(sections)
    for section in sections:
        kept = _fitting(section, room)
        room -= sum(width(sentence) for sentence in kept)
        lines = [*kept, *_more(len(section.sentences) - len(kept), vm_name)]
        if lines:
            title = paragraph(run(section.title, HEADING_LIMIT, bold=True))
            yield rich_text(title, bullets(lines, SENTENCE_LIMIT))


def _fitting(section: Section, room: int) -> list[str]:
    kept: list[str] = []
    for sentence in section.sentences[: section.most]:
        shown = cut(sentence, SENTENCE_LIMIT)
        room -= width(shown)
        if room < 0:
            break
        kept.append(shown)
    return kept


def _more(count: int, vm_name: str) -> list[str]:
    if count <= 0:
        return []
    name = cut(vm_name, _NAME_LIMIT)
    return [f"and {count} more: run vmbackup advise {name} in the terminal"]


def _small_print(advice: Advice, asked: str) -> Iterator[str]:
    yield f"Prices as of {advice.prices_as_of}, {advice.currency}. {words.sizes(advice.sizing)}"
    if asked:
        yield asked


def _spoken(advice: Advice) -> Iterator[str]:
    """The whole meaning in plain sentences: what notifications show and screen readers say."""
    yield cut(f"{advice.known.vm.name}: {words.recommendation(advice)}", LEAD_LIMIT)
    for assessment in best_of_each_option(advice):
        yield cut(_option_sentence(assessment), SENTENCE_LIMIT)
    yield f"Prices as of {advice.prices_as_of}."
    for section in _sections(advice):
        for number, sentence in enumerate(section.sentences[: section.most]):
            lead = f"{section.title}: " if number == 0 else ""
            yield lead + cut(sentence, SENTENCE_LIMIT)
    yield words.sizes(advice.sizing)


def _option_sentence(assessment: Assessment) -> str:
    return (
        f"{words.option_title(assessment)}: allowed: {words.verdict(assessment)}; "
        f"{words.cost_sentence(assessment.monthly)}; "
        f"RPO after deletion: {words.deletion_rpo(assessment)}; "
        f"after losing zone or region: {words.elsewhere_rpo(assessment)}; "
        f"RTO: {words.rto(assessment)}; meets the need: {words.meets(assessment)}."
    )
