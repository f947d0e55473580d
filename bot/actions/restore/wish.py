"""How a restore is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import click

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
    help="In the place of the OS disk, which is kept; not attached beside.",
)
FLAGS = words_command(_SWAP, DISKS)


def typed(words: Sequence[str]) -> Wish:
    """`SNAPSHOT|REQUEST REASON [--swap-os-disk]`. Raises UsageError."""
    values = read_words(FLAGS, words)
    what, reason = name_and_reason(values["words"])
    example = "restore r-0123456789ab the update went wrong"
    return Wish(
        action=Action.RESTORE,
        reason=needed(reason, example),
        disks=disks_named(values["disks"]),
        swap_os_disk=values["swap_os_disk"],
        **points_named(what, example),
    )
