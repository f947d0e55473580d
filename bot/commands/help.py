"""`/vmbackup help`: what the bot can do, and the flags of one subcommand."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import process

from bot.commands.command import COMMAND, CommandOutcome, Invocation, Services, Subcommand
from bot.messages.blocks import Message, cut
from bot.messages.notices import manual, notice

_LIKE_ENOUGH = 60  #: of 100, rapidfuzz's ratio: `adivse` is like `advise`, `web-01` is not
_WORD_LIMIT = 60


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Everything in short, or one subcommand in full."""
    if not words:
        return CommandOutcome(overview(services.table))
    for command in services.table:
        if command.name == words[0].lower():
            return CommandOutcome(full_manual(command))
    return CommandOutcome(unknown(words[0], services.table))


def overview(table: Sequence[Subcommand]) -> Message:
    """One entry per subcommand."""
    return manual(COMMAND, [(f"{COMMAND} {each.usage}", each.summary) for each in table])


def full_manual(command: Subcommand) -> Message:
    """One subcommand with its flags."""
    usage = f"{COMMAND} {command.usage}"
    return manual(f"{COMMAND} {command.name}", [(usage, command.summary), *command.details])


def unknown(word: str, table: Sequence[Subcommand]) -> Message:
    """There is no such subcommand: the nearest, and the list."""
    names = [command.name for command in table]
    found = process.extractOne(word.lower(), names, score_cutoff=_LIKE_ENOUGH)
    hint = f" Did you mean {COMMAND} {found[0]}?" if found else ""
    return notice(
        f"There is no command “{cut(word, _WORD_LIMIT)}”.{hint} There is: {', '.join(names)}. "
        f"For advice on a VM type {COMMAND} advise and its name."
    )


HELP = Subcommand(
    name="help",
    usage="help [COMMAND]",
    summary="What this bot can do; with a command's name, all its flags.",
    handle=handle,
)
