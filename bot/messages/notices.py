"""The short messages: acknowledgements, errors, and the manual."""

from __future__ import annotations

from collections.abc import Iterable

from bot.messages.blocks import (
    Element,
    Message,
    bullets,
    cut,
    header,
    paragraph,
    rich_text,
    run,
    section,
    top_level,
)

_NAME_LIMIT = 100
_USAGE_LIMIT = 300
_HELP_LIMIT = 600
#: A full ARM id has at most about 280 characters; with these limits a listing stays within what
#: Slack takes for a message.
_LINE_LIMIT, _LINES = 400, 20


def notice(sentence: str) -> Message:
    """One sentence to the person who asked."""
    return Message(text=top_level([sentence]), blocks=(section(sentence),))


def listing(sentence: str, lines: Iterable[str]) -> Message:
    """A sentence with lines under it."""
    lines = tuple(cut(line, _LINE_LIMIT) for line in lines)
    blocks = (section(sentence), *(section(line) for line in lines[:_LINES]))
    return Message(text=top_level([sentence, *lines]), blocks=blocks)


def advice_announcement(vm_name: str, *, public: bool = False) -> Message:
    """The acknowledgement of `advise`, whose answer takes seconds."""
    who = "The advice comes to this channel." if public else "Only you see the advice."
    return notice(f"Looking at {cut(vm_name, _NAME_LIMIT)}. {who}")


def manual(title: str, entries: Iterable[tuple[str, str]]) -> Message:
    """The manual, from pairs of a usage and the sentence about it."""
    entries = tuple(entries)
    items = [paragraph(*_entry(usage, wording)) for usage, wording in entries]
    text = top_level([f"{title}.", *(f"{usage}: {wording}" for usage, wording in entries)])
    return Message(text=text, blocks=(header(title), rich_text(bullets(items))))


def _entry(usage: str, wording: str) -> tuple[Element, Element]:
    return run(usage, _USAGE_LIMIT, bold=True), run(f": {wording}", _HELP_LIMIT)
