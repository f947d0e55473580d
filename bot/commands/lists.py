"""`/vmbackup snapshots` and `/vmbackup requests`: what there is, and what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from advisor.errors import UsageError
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.messages.listings import points_listing, requests_listing
from bot.messages.notices import notice
from bot.requests.wish_words import NO_FLAGS, name_and_reason, read_words


def snapshots(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read Azure and the ledger later; only the requester sees the list."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(SNAPSHOTS))
    requests, _ = services.for_requests()
    vm = _vm_named(words)

    async def later() -> Answer:
        found = await requests.points(invocation.requester, vm)
        now = datetime.now(UTC)
        return Answer(points_listing(found.points, now, vm, found.not_read))

    return CommandOutcome(notice("Looking for snapshots and restore points."), later)


def requested(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the requests later; only the requester sees the list."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(REQUESTS))
    requests, _ = services.for_requests()
    vm = _vm_named(words)

    async def later() -> Answer:
        return Answer(requests_listing(await requests.requests(invocation.requester, vm)))

    return CommandOutcome(notice("Looking for requests."), later)


SNAPSHOTS = Subcommand(
    name="snapshots",
    usage="snapshots [VM]",
    summary=(
        "What there is of snapshots and restore points: age, size billed, cost, expiry, who "
        "asked; also those whose VM is gone and what failed requests left behind."
    ),
    handle=snapshots,
)
REQUESTS = Subcommand(
    name="requests",
    usage="requests [VM]",
    summary="What is asked for at the moment and was lately, and where each request stands.",
    handle=requested,
)


def _vm_named(words: Sequence[str]) -> str:
    """The VM that a list is to be of, or empty. Raises UsageError."""
    vm, rest = name_and_reason(read_words(NO_FLAGS, words)["words"])
    if rest:
        raise UsageError("Name one VM, or none for all of them.")
    return vm
