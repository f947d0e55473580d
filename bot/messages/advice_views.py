"""What opens from the card of an advice: why, the bill, and the form for known sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.words import capital
from bot.messages.advice_told import AdviceTold, BillRow, Passage
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    context,
    cut,
    header,
    paragraph,
    rich_text,
    run,
    section,
    space,
)
from bot.messages.inputs import View, form_metadata, modal, text_input

MESSAGE_VIEW, SIZES_FORM = "advice:message", "advice:sizes"
USED, CHURN = "used", "churn"
WHY_TITLE, BILL_TITLE, SIZES_TITLE = "Why", "The bill", "Sizes are known"
_TEXT_LIMIT, _TITLE_LIMIT, _ITEMS, _ROWS = 600, 60, 12, 40
_SIZE_LIMIT = 20  #: characters of a size: `1536GB`
_ADDRESS_LIMIT = 1000


def loading(title: str) -> View:
    """Shown until the stored advice is read."""
    return modal(MESSAGE_VIEW, title, [section("One moment.")])


def message_view(title: str, message: Message) -> View:
    """A message in place of what was asked for."""
    return modal(MESSAGE_VIEW, title, list(message.blocks))


def why_view(told: AdviceTold, notes: Sequence[str] = ()) -> View:
    """Everything that the card has no room for, the reasons first."""
    blocks = [*_notes(notes), *(_passage(each) for each in told.why)]
    return modal(MESSAGE_VIEW, WHY_TITLE, blocks or [section("There is nothing more to say.")])


def bill_view(told: AdviceTold, notes: Sequence[str] = ()) -> View:
    """Every line of the bill, and its total first."""
    if not told.bill:
        sentence = "No plan is decided on, so there is no bill."
        return modal(MESSAGE_VIEW, BILL_TITLE, [*_notes(notes), section(sentence)])
    totals = [row for row in told.bill if row.strong]
    lines = [row for row in told.bill if not row.strong]
    blocks: list[Block] = list(_notes(notes))
    blocks += [header(f"{row.monthly} {told.currency} a month") for row in totals]
    blocks += [rich_text(*_bill_line(row, told.currency)) for row in lines[:_ROWS]]
    left = len(lines) - _ROWS
    blocks += [section(f"and {left} more lines")] if left > 0 else []
    small = [each for each in (*told.bill_notes, told.form.prices) if each]
    blocks += [context(*small)] if small else []
    return modal(MESSAGE_VIEW, BILL_TITLE, blocks)


def sizes_form(advice_id: str, vm_name: str, response_url: str, channel_id: str) -> View:
    """The form for the used size and the churn; the answer goes where the card is."""
    blocks = [
        section(f"What is known of {cut(vm_name, _TITLE_LIMIT)}? Leave empty what is not."),
        _optional(
            text_input(
                USED,
                "In use",
                placeholder="144GB",
                hint="Of all disks together, as the guest shows it.",
                most=_SIZE_LIMIT,
            )
        ),
        _optional(
            text_input(
                CHURN,
                "Changed a day",
                placeholder="2% or 5GB",
                hint="A share of what is in use, or an amount.",
                most=_SIZE_LIMIT,
            )
        ),
    ]
    ids = {"advice": advice_id, "channel": channel_id, "url": response_url[:_ADDRESS_LIMIT]}
    metadata = form_metadata(ids)
    return modal(SIZES_FORM, SIZES_TITLE, blocks, submit="Ask again", metadata=metadata)


def _optional(block: Block) -> Block:
    return block | {"optional": True}


def _notes(notes: Sequence[str]) -> Iterator[Block]:
    if notes:
        yield rich_text(paragraph(run(" ".join(notes), _TEXT_LIMIT, bold=True)))


def _passage(passage: Passage) -> Block:
    kept = passage.items[:_ITEMS]
    more = len(passage.items) - len(kept)
    lines = [paragraph(run(text, _TEXT_LIMIT)) for text in kept]
    lines += [paragraph(run(f"and {more} more", _TEXT_LIMIT))] if more else []
    title = [paragraph(run(passage.title, _TITLE_LIMIT, bold=True))] if passage.title else []
    return rich_text(*title, bullets(lines))


def _bill_line(row: BillRow, currency: str) -> Iterator[Element]:
    """`10.00 USD  Protected instance`, then how that comes about."""
    if not row.monthly:  # the name of an option, over its lines
        yield paragraph(run(row.name, _TEXT_LIMIT, bold=True))
        return
    amount = row.monthly if row.monthly == "not known" else f"{row.monthly} {currency}"
    yield paragraph(run(amount, _TEXT_LIMIT, bold=True), space(" "), run(row.name, _TEXT_LIMIT))
    times = " at ".join(filter(None, (row.quantity, row.price)))
    small = ". ".join(filter(None, (times, capital(row.basis))))
    if small:
        yield paragraph(run(small, _TEXT_LIMIT))
