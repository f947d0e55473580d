"""An advice as it is told in Slack: what the card and its modals need, in a form that is stored.

Made once of an advice; the card, "Why" and "The bill" are drawn from it, at once and later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.errors import VmbackupError
from advisor.model import Advice, Estimate, Meter, Plan
from advisor.present.bill_table import bill, first_months, sizes_said
from advisor.present.blocks import BulletList, GridRow
from advisor.present.document import advice_document
from advisor.present.short_form import ShortForm, short_form
from advisor.present.short_table import sentence_of
from advisor.words import capital, clean, need_origin, need_words, quantity, sentence, tier_words
from bot.messages.vm_facts import VmFacts, facts_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

#: What only a terminal or a shell takes. Whoever reads in Slack may have none.
_COMMANDS = ("vmbackup prices", "vmbackup inventory", "vmbackup advise", "az backup", "az snapshot")
#: Of what is stored: beyond any real advice, and nobody fills the database with names.
_TEXT_LIMIT, _LIST_LIMIT = 2000, 100
#: Said by the card itself, or by its other modal.
_ON_THE_CARD = frozenset({"The bill", "The bill of both together"})


class AdviceUnreadable(VmbackupError):
    """A stored advice is of another version of this bot."""


class Passage(NamedTuple):
    """Sentences under a title."""

    title: str
    items: tuple[str, ...]


class BillRow(NamedTuple):
    """A line of the bill; a strong one is a total."""

    name: str
    quantity: str
    price: str
    monthly: str
    basis: str
    strong: bool


class PriceSeen(NamedTuple):
    """A price that the bill rests on."""

    meter: Meter
    unit_price: Decimal
    true_on: str  #: the date it was true


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceTold:
    """What is told of one advice. Every text is a stranger's: escape it."""

    form: ShortForm
    vm_id: str
    currency: str
    prices_as_of: str
    tier: str  #: `the production tier (by tag environment)`
    place: str  #: `2 disks, 320 GB, Standard_D4s_v5, westeurope zone 1`
    price_notes: tuple[str, ...]
    spoken: tuple[str, ...]  #: the whole meaning in plain sentences
    why: tuple[Passage, ...]
    bill: tuple[BillRow, ...]
    bill_notes: tuple[str, ...]
    prices: tuple[PriceSeen, ...]
    facts: VmFacts


def told(advice: Advice) -> AdviceTold:
    """The advice as it is told."""
    form, plan = short_form(advice), advice.decision.plan or advice.recommended
    return AdviceTold(
        form=form,
        vm_id=advice.known.vm.id,
        currency=advice.currency,
        prices_as_of=advice.prices_as_of,
        tier=tier_words(advice.need),
        place=_place(advice),
        price_notes=advice.price_notes,
        spoken=tuple(_spoken(advice, form)),
        why=tuple(_why(advice, form)),
        bill=tuple(_bill(plan)),
        bill_notes=tuple(_bill_notes(advice, plan)),
        prices=tuple(_prices(plan)),
        facts=facts_of(advice.known),
    )


def in_slack(texts: Iterable[str]) -> list[str]:
    """The texts without those that name a command of a terminal."""
    return [text for text in texts if not any(each in text for each in _COMMANDS)]


# --- stored ---------------------------------------------------------------------------------


def as_stored(value: AdviceTold) -> dict[str, Any]:
    """As JSON holds it; characters that no database takes are left out."""
    stored: dict[str, Any] = _plain(value)
    return stored


def from_stored(stored: Mapping[str, Any]) -> AdviceTold:
    """Raises AdviceUnreadable where another version of this bot stored it."""
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(dict(stored))
    except ValidationError as error:
        raise AdviceUnreadable(
            "This advice was stored by another version of this bot, which reads it no more. Ask "
            "again with /vmbackup advise."
        ) from error


@cache
def _adapter() -> TypeAdapter[AdviceTold]:
    from pydantic import TypeAdapter

    return TypeAdapter(AdviceTold)


def _plain(value: Any) -> Any:
    """By name and not by place, so that a version with other fields is noticed."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return clean(value)[:_TEXT_LIMIT]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: _plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, Mapping):
        return {clean(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value[:_LIST_LIMIT]]
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    return value


# --- the parts ------------------------------------------------------------------------------


def _place(advice: Advice) -> str:
    vm = advice.known.vm
    zones = f" zone {', '.join(vm.zones)}" if vm.zones else ""
    disks = sizes_said([disk.size_gib for disk in vm.disks]).replace(" in all", "")
    return ", ".join(filter(None, (disks, vm.size or "", f"{vm.region}{zones}")))


def _why(advice: Advice, form: ShortForm) -> Iterator[Passage]:
    """The reasons first; then everything that the card has no room for."""
    passages = [Passage("Why", tuple(sentence(text) for text in advice.reasons))]
    passages.append(Passage("Not covered", form.not_covered))
    rows = (sentence_of(row, form.table.head) for row in form.table.rows)
    passages.append(Passage("The options", tuple(rows)))
    passages.append(Passage("Also", (*form.notes, *filter(None, (form.narrowing,)))))
    passages.append(Passage("What was asked", (f"{capital(_need(advice))}.", _sizes(advice))))
    passages += _of_the_document(advice, {each.title for each in passages if each.title})
    vm = advice.known.vm
    where = f"{form.machine}, subscription {vm.subscription_id}."
    passages.append(Passage("The VM", (where, *filter(None, (form.prices,)))))
    for passage in passages:
        if kept := tuple(in_slack(passage.items)):
            yield Passage(passage.title, kept)


def _of_the_document(advice: Advice, said: set[str]) -> Iterator[Passage]:
    for block in advice_document(advice).blocks:
        if isinstance(block, BulletList) and block.title not in {*said, *_ON_THE_CARD}:
            yield Passage(block.title, block.items)


def _bill(plan: Plan | None) -> Iterator[BillRow]:
    if plan is not None:
        yield from (_bill_row(row) for row in bill(plan.parts, plan.monthly).rows)


def _bill_row(row: GridRow) -> BillRow:
    name, of, price, monthly, basis = (" ".join(cell) for cell in row.cells)
    return BillRow(name, of, price, monthly, basis, row.strong)


def _bill_notes(advice: Advice, plan: Plan | None) -> Iterator[str]:
    if plan is None:
        return
    yield from bill(plan.parts, plan.monthly).notes
    if plan is advice.recommended:
        yield from filter(None, (first_months(advice.by_month, advice.currency),))


def _prices(plan: Plan | None) -> Iterator[PriceSeen]:
    lines = (line for part in plan.parts for line in part.lines) if plan else ()
    for line in lines:
        if line.unit_price is not None:
            yield PriceSeen(line.usage.meter, line.unit_price, line.true_on)


def _need(advice: Advice) -> str:
    origin = need_origin(advice.need.origin)
    return f"{need_words(advice.need)}" + (f" ({origin})" if origin else "")


def _sizes(advice: Advice) -> str:
    sizing = advice.sizing
    return (
        f"Sizes: {_size(sizing.used_gib)} in use, {_size(sizing.changed_gib_per_day)} changed "
        f"a day, {_size(sizing.written_gib_per_day)} written a day."
    )


def _size(estimate: Estimate) -> str:
    return f"{quantity(estimate.range.likely)} GB ({estimate.source})"


def _spoken(advice: Advice, form: ShortForm) -> Iterator[str]:
    """What a screen reader needs after the state and what to do, in that order."""
    yield from (sentence(text) for text in (*form.settings, form.meets) if text)
    yield from in_slack(form.notes)
    for number, text in enumerate(in_slack(form.not_covered)):
        yield ("" if number else "Not covered: ") + text
    yield from (sentence_of(row, form.table.head) for row in form.table.rows)
    yield f"Need: {_need(advice)}."
    yield form.prices or "Prices of an unknown date."
    yield from in_slack(_beside(advice, form))
    yield from in_slack(sentence(text) for text in advice.break_evens)
    yield _sizes(advice)


def _beside(advice: Advice, form: ShortForm) -> Sequence[str]:
    found = [sentence(each.sentence) for each in advice.in_place]
    narrowing = [form.narrowing] if form.narrowing else []
    return [*found, *narrowing, *(sentence(text) for text in advice.reasons)]
