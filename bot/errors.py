"""The messages of errors in Slack: one table, error class -> message.

An error that nobody foresaw gets an id, shown to the person and written to the log with its
traceback. `answered` and `noted` are the only places that catch everything.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    InputUnreadable,
    PriceError,
    VmAmbiguous,
    VmbackupError,
    VmNotFound,
)
from bot.commands.command import WordsUnreadable
from bot.messages.blocks import Message
from bot.messages.notices import listing, notice

_log = logging.getLogger(__name__)

_PLACES_SHOWN = 10

NewId = Callable[[], str]


Given = TypeVar("Given")


async def answered(work: Awaitable[Given], new_id: NewId) -> Given | Message:
    """The result of the work, or the message that says why there is none."""
    try:
        return await work
    except VmbackupError as error:
        return explained(error)
    except Exception:  # noqa: BLE001  the boundary: whatever it is, the person gets an answer
        return _unforeseen(new_id())


async def noted(work: Awaitable[None], new_id: NewId) -> None:
    """Do work of which the person reads nothing; an error goes to the log, with an id."""
    try:
        await work
    except VmbackupError as error:
        _log.error("Error %s: the answer was given, its record was not kept: %s", new_id(), error)
    except Exception:  # noqa: BLE001  the boundary: the person has their answer, and keeps it
        _log.exception("Error %s: the answer was given, its record was not kept.", new_id())


def explained(error: VmbackupError) -> Message:
    """The message of the nearest class of the table."""
    for kind in type(error).__mro__:
        if kind in _MESSAGES:
            return _MESSAGES[kind](error)
    return notice(str(error))


def _unforeseen(error_id: str) -> Message:
    _log.exception("Error %s: a command failed for a reason nobody foresaw.", error_id)
    return notice(
        "Something went wrong that should not have, and nothing was done. Try again; if it "
        f"stays, tell whoever runs this bot: error {error_id} is in its log."
    )


def _words(error: WordsUnreadable) -> Message:
    return notice(f"{error} The flags are listed by /vmbackup help {error.command}.")


def _not_found(error: VmNotFound) -> Message:
    nearest = " or ".join(f"“{name}”" for name in error.nearest)
    hint = f" Did you mean {nearest}?" if nearest else ""
    return notice(
        f"There is no VM called “{error.wanted}” among those this bot may read.{hint} If it is "
        "in another subscription, the bot's identity needs the Reader role there."
    )


def _ambiguous(error: VmAmbiguous) -> Message:
    places = list(_places(error.ids))
    more = len(places) - _PLACES_SHOWN
    lines = places[:_PLACES_SHOWN] + ([f"and {more} more"] if more > 0 else [])
    sentence = f"{len(places)} VMs are called “{error.wanted}”. Ask again with one of these:"
    return listing(sentence, lines)


def _refused(error: AzureRefused) -> Message:
    needed = f"Its identity needs {error.permission}. Ask whoever runs the bot to grant it."
    otherwise = "If it stays so, tell whoever runs the bot."
    remedy = needed if error.permission else otherwise
    return notice(f"Azure did not let this bot read {error.what}: {error.reason} {remedy}")


def _unreachable(error: AzureUnreachable) -> Message:
    return notice(f"Azure did not answer about {error.what}: {error.reason} Try again in a minute.")


def _bad_input(error: InputUnreadable) -> Message:
    return notice(f"This bot could not read something it needs. Tell whoever runs it: {error}")


def _places(ids: Iterable[str]) -> Iterable[str]:
    """How to name each VM: group/name and its subscription; the full id where two share that."""
    parts = [(vm_id, *_read_id(vm_id)) for vm_id in ids]
    count = Counter((group.lower(), name.lower()) for _, _, group, name in parts)
    for vm_id, subscription, group, name in parts:
        unique = group and count[group.lower(), name.lower()] == 1
        yield f"{group}/{name} (subscription {subscription})" if unique else vm_id


def _read_id(vm_id: str) -> tuple[str, str, str]:
    """Subscription, group and name of an ARM id; empty texts where it is something else."""
    parts = vm_id.strip("/").split("/")
    named = dict(zip(map(str.lower, parts[::2]), parts[1::2], strict=False))
    group, name = named.get("resourcegroups", ""), named.get("virtualmachines", "")
    return named.get("subscriptions", ""), group if name else "", name


_MESSAGES: Mapping[type, Callable[..., Message]] = {
    WordsUnreadable: _words,
    VmNotFound: _not_found,
    VmAmbiguous: _ambiguous,
    AzureRefused: _refused,
    AzureUnreachable: _unreachable,
    InputUnreadable: _bad_input,
    PriceError: lambda error: notice(str(error)),
}
