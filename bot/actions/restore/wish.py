"""The wish for a restore, from the words of a command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from advisor.cli.parameters import DURATION
from bot.requests.action import Action
from bot.requests.model import Wish
from bot.requests.wish_words import (
    DISKS,
    disks_named,
    name_and_reason,
    needed,
    points_named,
    read_words,
    words_command,
)

_SWAP = click.option(
    "--swap-os-disk",
    is_flag=True,
    help="Replace the OS disk, which is kept, instead of attaching a disk beside it.",
)
_KEEP = click.option(
    "--keep",
    type=DURATION,
    help="The new disks expire after this: 7d. What was attached is not deleted by itself.",
)
FLAGS = words_command(_SWAP, _KEEP, DISKS)


def typed(words: Sequence[str]) -> Wish:
    """`SNAPSHOT|REQUEST REASON [--swap-os-disk]`. Raises UsageError."""
    values = read_words(FLAGS, words)
    what, reason = name_and_reason(values["words"])
    example = "restore r-0123456789ab the update went wrong"
    return Wish(
        action=Action.RESTORE,
        reason=needed(reason, example),
        disks=disks_named(values["disks"]),
        keep=values["keep"],
        swap_os_disk=values["swap_os_disk"],
        **points_named(what, example),
    )


def restoring(
    of_request: str,
    reason: str,
    *,
    disks: tuple[str, ...] = (),
    keep: timedelta | None = None,
    swap_os_disk: bool = False,
) -> Wish:
    """The wish of a form: to restore what a request made, or some disks of it."""
    return Wish(
        action=Action.RESTORE,
        of_request=of_request,
        reason=reason,
        disks=disks,
        keep=keep,
        swap_os_disk=swap_os_disk,
    )
