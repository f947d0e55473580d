"""The words after a command that asks for an action, read into the parts of a wish. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from advisor.cli.group import sentence_of
from advisor.errors import UsageError
from advisor.words import clean

#: An ARM id has at most about 280 characters; a reason is a sentence, not a story.
NAME_LIMIT, REASON_LIMIT, DISKS_LIMIT = 400, 500, 64
#: A dash between words ends the flags for click; here it is a dash, and flags may follow it.
_DASHES = {"--": "–"}
REQUEST_ID = re.compile(r"r-[0-9a-f]{12}")

_WORDS = click.argument("words", nargs=-1)
DISKS = click.option(
    "--disks", default="", help="Only these, by commas: os, data0 (its LUN), names."
)


def words_command(*options: Any) -> click.Command:
    """A reader of words with these flags among them, in any order."""

    def nothing(**_values: object) -> None: ...

    for option in reversed((_WORDS, *options)):
        nothing = option(nothing)
    return click.command("words", add_help_option=False)(nothing)


NO_FLAGS = words_command()


def flags_of(command: click.Command) -> tuple[tuple[str, str], ...]:
    """Each flag and what it says."""
    flags = (each for each in command.params if isinstance(each, click.Option))
    found = (flag.get_help_record(click.Context(command)) for flag in flags)
    return tuple(record for record in found if record is not None)


def read_words(command: click.Command, words: Sequence[str]) -> dict[str, Any]:
    """The flags by name, and `words`: what is none. Raises UsageError."""
    try:
        with command.make_context("words", [_DASHES.get(word, word) for word in words]) as context:
            return context.params
    except click.ClickException as error:
        raise UsageError(sentence_of(error)) from error


def name_and_reason(words: Sequence[str]) -> tuple[str, str]:
    """The first word, and the others as one text. Raises UsageError."""
    name, rest = name_and_rest(words)
    reason = clean(" ".join(rest))
    if len(reason) > REASON_LIMIT:
        raise UsageError(f"That reason is longer than {REASON_LIMIT} characters. Say it shorter.")
    return name, reason


def name_and_rest(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first word, and the others. Raises UsageError."""
    name = clean(words[0]) if words else ""
    if len(name) > NAME_LIMIT:
        raise UsageError("That is too long for a name. Write it like web-01 or rg/web-01.")
    return name, words[1:]


def disks_named(text: str) -> tuple[str, ...]:
    """`os,data0`, each once. Raises UsageError."""
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := clean(part))))
    if len(names) > DISKS_LIMIT or any(len(name) > NAME_LIMIT for name in names):
        raise UsageError(
            "Name the disks by commas, like --disks os,data0; without it all are meant."
        )
    return names


def points_named(what: str, example: str) -> dict[str, Any]:
    """A request's id, or the name of one of its points, as a wish has it. Raises UsageError."""
    what = needed(what, example)
    return {"of_request": what} if REQUEST_ID.fullmatch(what) else {"points": (what,)}


def needed(text: str, example: str) -> str:
    """The text, if there is one. Raises UsageError with the example."""
    if not text:
        raise UsageError(f"Something is missing. Write it like “/vmbackup {example}”.")
    return text
