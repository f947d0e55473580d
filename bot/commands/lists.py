"""`/vmbackup snapshots` and `/vmbackup requests`: lists of points and of requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import click

from advisor.errors import UsageError
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.commands.requesting import Requests
from bot.messages.blocks import Message
from bot.messages.list_page import ListAsked
from bot.messages.listings import points_listing
from bot.messages.notices import notice
from bot.messages.request_list import requests_listing
from bot.requests.model import Requester
from bot.requests.wish_words import NO_FLAGS, flags_of, name_and_reason, read_words, words_command

_ALL = click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also what ended long ago, what was refused at once, and what vmbackup deleted itself.",
)
_REQUESTS_FLAGS = words_command(_ALL)


def list_snapshots(
    words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    """Read Azure and the ledger later; only the requester sees the list."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(SNAPSHOTS))
    requests, _ = services.for_requests()
    asked = ListAsked(name=SNAPSHOTS.name, vm=_vm_named(read_words(NO_FLAGS, words)["words"]))

    async def later() -> Answer:
        return Answer(await listing(requests, invocation.requester, asked))

    return CommandOutcome(notice("Looking for snapshots and restore points."), later)


def list_requests(
    words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    """Read the requests later; only the requester sees the list."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(REQUESTS))
    requests, _ = services.for_requests()
    values = read_words(_REQUESTS_FLAGS, words)
    vm, everything = _vm_named(values["words"]), values["everything"]
    asked = ListAsked(name=REQUESTS.name, vm=vm, everything=everything)

    async def later() -> Answer:
        return Answer(await listing(requests, invocation.requester, asked))

    return CommandOutcome(notice("Looking for requests."), later)


async def listing(requests: Requests, requester: Requester, asked: ListAsked) -> Message:
    """The page of a list, read now. Raises VmbackupError."""
    return await _LISTS[asked.name](requests, requester, asked)


def is_list(name: str) -> bool:
    """Whether there is a list of that name."""
    return name in _LISTS


async def _snapshots(requests: Requests, requester: Requester, asked: ListAsked) -> Message:
    found = await requests.points(requester, asked.vm)
    return points_listing(found.points, found.at, asked, found.not_read)


async def _requests(requests: Requests, requester: Requester, asked: ListAsked) -> Message:
    return requests_listing(await requests.requests(requester, asked), asked)


SNAPSHOTS = Subcommand(
    name="snapshots",
    usage="snapshots [VM]",
    summary=(
        "Snapshots and restore points by request: age, size billed, cost, expiry; first those "
        "whose VM does not exist any more and what failed requests left behind."
    ),
    handle=list_snapshots,
)
REQUESTS = Subcommand(
    name="requests",
    usage="requests [VM] [--all]",
    summary="Requests under way, what is kept and what it costs a month, and what ended lately.",
    handle=list_requests,
    details=flags_of(_REQUESTS_FLAGS),
)
_LISTS: Mapping[str, Callable[[Requests, Requester, ListAsked], Awaitable[Message]]] = {
    SNAPSHOTS.name: _snapshots,
    REQUESTS.name: _requests,
}


def _vm_named(words: Sequence[str]) -> str:
    """The VM to which the list is restricted, or empty. Raises UsageError."""
    vm, rest = name_and_reason(words)
    if rest:
        raise UsageError("Name one VM, or none for all of them.")
    return vm
