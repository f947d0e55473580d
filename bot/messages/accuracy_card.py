"""How far the estimates were off, as a message for whoever asked."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.bill.accuracy import Accuracy, AccuracyFound, Spread
from advisor.present.accuracy_document import NONE_GIVEN, NONE_HELD, share_words
from advisor.present.bill_document import part_name
from advisor.words import listed
from bot.messages.blocks import Message, context, cut, header, section, table, top_level
from bot.messages.money_words import exact_words

_TITLE, _ROWS, _NOTE = "How far the estimates were off", 30, 300
_HEAD = ("", "VM months", "Median error", "90 % within", "Bias")


def accuracy_card(given: AccuracyFound, chart_note: str = "") -> Message:
    """For whoever asked: costs are not for the channel."""
    if not given.found:
        said = NONE_HELD if given.estimates else NONE_GIVEN
        return Message(top_level([_TITLE, said]), (header(_TITLE), section(said)))
    said = " ".join(_answer(one) for one in given.found)
    rows = [row for one in given.found for row in _rows(one, several=len(given.found) > 1)]
    months = f"Final months: {listed(map(str, given.months))}."
    notes = [months, "The bias is above zero where more was estimated than billed.", chart_note]
    blocks = (
        header(_TITLE),
        section(said),
        table([_HEAD, *rows[:_ROWS]]),
        context(*(cut(note, _NOTE) for note in notes if note)),
    )
    return Message(top_level([_TITLE, said, chart_note or months]), blocks)


def _answer(one: Accuracy) -> str:
    """`In USD half of 24 estimates were within 4.1 %, nine of ten within 12 %.`"""
    spread = one.all
    said = (
        f"In {one.currency} half of {spread.cases:,} estimates were within "
        f"{share_words(spread.median)}, nine of ten within {share_words(spread.ninetieth)}."
    )
    if one.worst is None:
        return said
    kind, amount, rests_on = one.worst
    off = exact_words(amount, one.currency)
    return f"{said} Off most: the quantity of {kind.value}, by {off}; it rests on {rests_on}."


def _rows(one: Accuracy, *, several: bool) -> Iterator[tuple[str, ...]]:
    yield _row(f"All, {one.currency}" if several else "All", one.all)
    yield from (_row(str(month), spread) for month, spread in one.by_month.items())
    yield from (_row(part_name(part), spread) for part, spread in one.by_part.items())


def _row(name: str, spread: Spread) -> tuple[str, ...]:
    cells = (spread.median, spread.ninetieth, spread.bias)
    return (name, f"{spread.cases:,}", *(share_words(each) for each in cells))
