"""How snapshots are asked for: typed after the command, or on the form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from advisor.cli.parameters import DURATION
from bot.requests.action import Action
from bot.requests.model import Wish
from bot.requests.wish_words import DISKS, disks_named, name_and_reason, read_words, words_command

_KEEP = click.option("--keep", type=DURATION, help="How long it is kept, then deleted: 4h, 3d.")
_CONSISTENT = click.option(
    "--consistent",
    is_flag=True,
    help="One restore point, all disks at one moment, instead of separate snapshots.",
)
_BREAK_GLASS = click.option(
    "--break-glass",
    is_flag=True,
    help="Without an approval, for those whom the settings name. Posted loudly, looked at later.",
)
FLAGS = words_command(_KEEP, DISKS, _CONSISTENT, _BREAK_GLASS)


def typed(words: Sequence[str]) -> Wish:
    """`web-01 before kernel update --keep 3d`; VM and reason may be empty. Raises UsageError."""
    values = read_words(FLAGS, words)
    vm, reason = name_and_reason(values["words"])
    return Wish(
        action=Action.SNAPSHOT,
        vm=vm,
        reason=reason,
        disks=disks_named(values["disks"]),
        consistent=values["consistent"],
        keep=values["keep"],
        break_glass=values["break_glass"],
    )


def of_form(
    vm: str,
    *,
    reason: str = "",
    disks: tuple[str, ...] = (),
    consistent: bool = False,
    keep: timedelta | None = None,
    break_glass: bool = False,
) -> Wish:
    """What the form says, or so far nothing but the VM."""
    return Wish(
        action=Action.SNAPSHOT,
        vm=vm,
        reason=reason,
        disks=disks,
        consistent=consistent,
        keep=keep,
        break_glass=break_glass,
    )
