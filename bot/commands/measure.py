"""`/vmbackup measure VM`: what is measured of one VM, and how far that narrows its price."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.errors import UsageError
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
from bot.messages.measure_card import measure_card
from bot.messages.notices import notice

#: Azure Monitor, the jobs of vaults and Cost Management take seconds, and may ask for a pause.
LONGEST_SECONDS = 300


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the words now; measure later. Only whoever asked sees it."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(MEASURE))
    audience = services.for_advice()
    measures = services.measures
    if measures is None:
        raise OnlyAdvises("This bot measures nothing.")
    if len(words) != 1:
        raise UsageError("Name one VM: measure web-01.")
    [vm] = words

    async def later() -> Answer:
        await audience.require(invocation.requester)
        about = f"the measurements of {vm}"
        return Answer(measure_card(await in_time(measures.of_vm(vm), about, LONGEST_SECONDS)))

    return CommandOutcome(notice("Measuring. Only you see what is found."), later)


MEASURE = Subcommand(
    name="measure",
    usage="measure VM",
    summary=(
        "What is measured of one VM instead of assumed (writes, used and changed data, restore "
        "times), and how far that narrows its price. Only you see the answer."
    ),
    handle=handle,
)
