"""`restore`, `copy`, `extend` and `delete`: requests about the points of an earlier request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.actions.copy import wish as copy
from bot.actions.delete import wish as delete
from bot.actions.extend import wish as extend
from bot.actions.restore import wish as restore
from bot.commands.asking import ask
from bot.commands.command import CommandOutcome, Handle, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.requests.model import Wish
from bot.requests.wish_words import flags_of


def _handler_of(name: str, read: Callable[[Sequence[str]], Wish]) -> Handle:
    """A handler that reads the words and stores the request at once."""

    async def handle(
        words: Sequence[str], invocation: Invocation, services: Services
    ) -> CommandOutcome:
        if {"--help", "-h"} & set(words):
            return CommandOutcome(full_manual(next(each for each in CHANGING if each.name == name)))
        requests, _ = services.for_requests()
        wish = read(words)
        return CommandOutcome(
            await ask(requests, invocation.requester, wish, invocation.content_key)
        )

    return handle


RESTORE = Subcommand(
    name="restore",
    usage="restore REQUEST|SNAPSHOT REASON [--keep 7d] [--swap-os-disk]",
    summary=(
        "Ask for new disks made from a snapshot or restore point, attached beside the VM's own. "
        "Approved like a snapshot; the plan is shown first."
    ),
    handle=_handler_of("restore", restore.typed),
    details=flags_of(restore.FLAGS),
)
COPY = Subcommand(
    name="copy",
    usage="copy REQUEST|SNAPSHOT REGION REASON",
    summary="Ask for a copy of a snapshot or restore point in another region, such as northeurope.",
    handle=_handler_of("copy", copy.typed),
)
EXTEND = Subcommand(
    name="extend",
    usage="extend REQUEST 2d REASON",
    summary="Ask for a longer retention of what a request made, at its price.",
    handle=_handler_of("extend", extend.typed),
)
DELETE = Subcommand(
    name="delete",
    usage="delete REQUEST|SNAPSHOT REASON",
    summary=(
        "Ask for the deletion of what a request made: your own snapshots at once, everything else "
        "once another person approves it. What is attached to a VM is not deleted."
    ),
    handle=_handler_of("delete", delete.typed),
)
CHANGING = (RESTORE, COPY, EXTEND, DELETE)
