"""`/vmbackup snapshots` and `/vmbackup requests`: lists of points and of requests."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.errors import UsageError
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.messages.listings import points_listing, requests_listing
from bot.messages.notices import notice
from bot.requests.wish_words import NO_FLAGS, name_and_reason, read_words


def list_snapshots(
    words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    """Read Azure and the ledger later; only the requester sees the list."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(SNAPSHOTS))
    requests, _ = services.for_requests()
    vm = _vm_named(words)

    async def later() -> Answer:
        found = await requests.points(invocation.requester, vm)
        return Answer(points_listing(found.points, found.at, vm, found.not_read))

    return CommandOutcome(notice("Looking for snapshots and restore points."), later)


def list_requests(
    words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    """Read the requests later; only the requester sees the list."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(REQUESTS))
    requests, _ = services.for_requests()
    vm = _vm_named(words)

    async def later() -> Answer:
        found = await requests.requests(invocation.requester, vm)
        return Answer(requests_listing(found.requests, found.points, found.look))

    return CommandOutcome(notice("Looking for requests."), later)


SNAPSHOTS = Subcommand(
    name="snapshots",
    usage="snapshots [VM]",
    summary=(
        "Snapshots and restore points: age, size billed, cost, expiry, requester; also those "
        "whose VM does not exist any more and what failed requests left behind."
    ),
    handle=list_snapshots,
)
REQUESTS = Subcommand(
    name="requests",
    usage="requests [VM]",
    summary="The current and recent requests, and the state of each.",
    handle=list_requests,
)


def _vm_named(words: Sequence[str]) -> str:
    """The VM to which the list is restricted, or empty. Raises UsageError."""
    vm, rest = name_and_reason(read_words(NO_FLAGS, words)["words"])
    if rest:
        raise UsageError("Name one VM, or none for all of them.")
    return vm
