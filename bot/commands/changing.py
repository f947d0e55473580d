"""`restore`, `copy` and `extend`: ask for something of what an earlier request made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.commands.asking import ask
from bot.commands.command import Handle, Invocation, Outcome, Services, Subcommand
from bot.commands.help import full_manual
from bot.commands.wording import RESTORE_FLAGS, copy_wish, extend_wish, flags_of, restore_wish
from bot.requests.model import Wish


def _asking(name: str, read: Callable[[Sequence[str]], Wish]) -> Handle:
    """A handler that reads the words and asks at once."""

    async def handle(words: Sequence[str], invocation: Invocation, services: Services) -> Outcome:
        if {"--help", "-h"} & set(words):
            return Outcome(full_manual(next(each for each in CHANGING if each.name == name)))
        requests, _ = services.for_requests()
        wish = read(words)
        return Outcome(await ask(requests, invocation.asker, wish, invocation.content_key))

    return handle


RESTORE = Subcommand(
    name="restore",
    usage="restore REQUEST|SNAPSHOT REASON [--swap-os-disk]",
    summary=(
        "Ask for new disks made of a snapshot or restore point, attached beside the VM's own. "
        "Approved like a snapshot; the plan is shown first."
    ),
    handle=_asking("restore", restore_wish),
    details=flags_of(RESTORE_FLAGS),
)
COPY = Subcommand(
    name="copy",
    usage="copy REQUEST|SNAPSHOT REGION REASON",
    summary="Ask for a copy of a snapshot or restore point in another region, such as northeurope.",
    handle=_asking("copy", copy_wish),
)
EXTEND = Subcommand(
    name="extend",
    usage="extend REQUEST 2d REASON",
    summary="Ask to keep what a request made for longer, at its price.",
    handle=_asking("extend", extend_wish),
)
CHANGING = (RESTORE, COPY, EXTEND)
