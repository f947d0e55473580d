"""`/vmbackup fleet`: every VM at once, what is missing, what is wasted; the whole as a file."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.errors import UsageError
from advisor.words import counted
from bot.commands.command import (
    Answer,
    CommandOutcome,
    Invocation,
    OnlyAdvises,
    Services,
    Subcommand,
)
from bot.commands.help import full_manual
from bot.commands.in_time import in_time
from bot.messages.blocks import Message
from bot.messages.notices import notice

#: Slack takes an answer for 30 minutes after the command (docs.slack.dev, handling user
#: interaction, 2026-06); ten thousand VMs at Resource Graph's quota take less than two.
LONGEST_SECONDS = 20 * 60


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read every VM later. Only whoever asked sees the report."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(FLEET))
    fleets = services.fleets
    if fleets is None:
        raise OnlyAdvises("This bot reads no whole fleet.")
    if words:
        raise UsageError("fleet is about every VM: leave out the rest, or advise web-01.")

    async def later() -> Answer:
        reading, said = fleets.shown_to(invocation.requester), "they were not read"
        return Answer(await in_time(reading, "the VMs", LONGEST_SECONDS, said))

    return CommandOutcome(
        _announced(fleets.vms_known()), later, meanwhile=lambda: notice(fleets.progress())
    )


def _announced(vms: int | None) -> Message:
    which = f"Reading {counted(vms, 'VM')}" if vms else "Reading every VM"
    return notice(f"{which} and what protects them: a large fleet takes minutes. Only you see it.")


FLEET = Subcommand(
    name="fleet",
    usage="fleet",
    summary=(
        "Every VM at once: how many are protected, the worst, what can be saved; the whole report "
        "comes to you as a file. For those who may list. Only you see the answer."
    ),
    handle=handle,
)
