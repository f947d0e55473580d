"""`/vmbackup snapshot VM REASON`: ask for snapshots, or for a form where something is missing."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.snapshot import wish as snapshot
from bot.commands.asking import ask
from bot.commands.command import CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.requests.wish_words import flags_of


async def handle(
    words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    """Ask at once where VM and reason are there; else open the form."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(SNAPSHOT))
    requests, forms = services.for_requests()
    wish = snapshot.typed(words)
    if wish.vm and wish.reason:
        return CommandOutcome(
            await ask(requests, invocation.requester, wish, invocation.content_key)
        )
    fill = await forms.open(invocation.trigger_id, wish, invocation.requester)
    return CommandOutcome(None, fill)


SNAPSHOT = Subcommand(
    name="snapshot",
    usage="snapshot VM REASON [--keep 3d] [--disks os,data0] [--consistent]",
    summary=(
        "Ask for snapshots of a VM's disks. Somebody else approves the priced plan in its "
        "channel; they are deleted when they expire. Without VM or reason a form opens."
    ),
    handle=handle,
    details=flags_of(snapshot.FLAGS),
)
