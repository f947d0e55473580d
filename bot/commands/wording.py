"""The words after the commands that ask for something, read into a wish. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from advisor.cli.group import sentence_of
from advisor.cli.parameters import DURATION
from advisor.errors import UsageError
from advisor.quantities import parse_duration
from advisor.regions import parse_region
from advisor.words import clean
from bot.requests.model import Action, Wish

#: An ARM id has at most about 280 characters; a reason is a sentence, not a story.
NAME_LIMIT, REASON_LIMIT, DISKS_LIMIT = 400, 500, 64
#: A dash between words ends the flags for click; here it is a dash, and flags may follow it.
_DASHES = {"--": "–"}
REQUEST_ID = re.compile(r"r-[0-9a-f]{12}")

_WORDS = click.argument("words", nargs=-1)
_KEEP = click.option("--keep", type=DURATION, help="How long it is kept, then deleted: 4h, 3d.")
_DISKS = click.option(
    "--disks", default="", help="Only these, by commas: os, data0 (its LUN), names."
)
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
_SWAP = click.option(
    "--swap-os-disk",
    is_flag=True,
    help="In the place of the OS disk, which is kept; not attached beside.",
)


def _command(*options: Any) -> click.Command:
    def nothing(**_values: object) -> None: ...

    for option in reversed((_WORDS, *options)):
        nothing = option(nothing)
    return click.command("words", add_help_option=False)(nothing)


SNAPSHOT_FLAGS = _command(_KEEP, _DISKS, _CONSISTENT, _BREAK_GLASS)
RESTORE_FLAGS = _command(_SWAP, _DISKS)
NO_FLAGS = _command()


def snapshot_wish(words: Sequence[str]) -> Wish:
    """`web-01 before kernel update --keep 3d`; VM and reason may be empty. Raises UsageError."""
    values = _read(SNAPSHOT_FLAGS, words)
    vm, reason = _first(values["words"])
    return Wish(
        action=Action.SNAPSHOT,
        vm=vm,
        reason=reason,
        disks=_disks(values["disks"]),
        consistent=values["consistent"],
        keep=values["keep"],
        break_glass=values["break_glass"],
    )


def restore_wish(words: Sequence[str]) -> Wish:
    """`SNAPSHOT|REQUEST REASON [--swap-os-disk]`. Raises UsageError."""
    values = _read(RESTORE_FLAGS, words)
    what, reason = _first(values["words"])
    example = "restore r-0123456789ab the update went wrong"
    return Wish(
        action=Action.RESTORE,
        reason=_needed(reason, example),
        disks=_disks(values["disks"]),
        swap_os_disk=values["swap_os_disk"],
        **_of(what, example),
    )


def copy_wish(words: Sequence[str]) -> Wish:
    """`SNAPSHOT|REQUEST REGION REASON`. Raises UsageError."""
    what, rest = _split(_read(NO_FLAGS, words)["words"])
    region, reason = _first(rest)
    example = "copy r-0123456789ab northeurope for the drill"
    to_region = parse_region(_needed(region, example))
    return Wish(
        action=Action.COPY,
        reason=_needed(reason, example),
        to_region=to_region,
        **_of(what, example),
    )


def extend_wish(words: Sequence[str]) -> Wish:
    """`REQUEST 2d REASON`: `keep` is how much longer. Raises UsageError."""
    what, rest = _split(_read(NO_FLAGS, words)["words"])
    longer, reason = _first(rest)
    example = "extend r-0123456789ab 2d still testing"
    keep = parse_duration(_needed(longer, example))
    return Wish(
        action=Action.EXTEND, reason=_needed(reason, example), keep=keep, **_of(what, example)
    )


def vm_named(words: Sequence[str]) -> str:
    """The VM that a list is to be of, or empty. Raises UsageError."""
    vm, rest = _first(_read(NO_FLAGS, words)["words"])
    if rest:
        raise UsageError("Name one VM, or none for all of them.")
    return vm


def flags_of(command: click.Command) -> tuple[tuple[str, str], ...]:
    """Each flag and what it says."""
    flags = (each for each in command.params if isinstance(each, click.Option))
    found = (flag.get_help_record(click.Context(command)) for flag in flags)
    return tuple(record for record in found if record is not None)


def _read(command: click.Command, words: Sequence[str]) -> dict[str, Any]:
    try:
        with command.make_context("words", [_DASHES.get(word, word) for word in words]) as context:
            return context.params
    except click.ClickException as error:
        raise UsageError(sentence_of(error)) from error


def _first(words: Sequence[str]) -> tuple[str, str]:
    """A name, and the rest as one text."""
    name, rest = _split(words)
    reason = clean(" ".join(rest))
    if len(reason) > REASON_LIMIT:
        raise UsageError(f"That reason is longer than {REASON_LIMIT} characters. Say it shorter.")
    return name, reason


def _split(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    name = clean(words[0]) if words else ""
    if len(name) > NAME_LIMIT:
        raise UsageError("That is too long for a name. Write it like web-01 or rg/web-01.")
    return name, words[1:]


def _disks(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := clean(part))))
    if len(names) > DISKS_LIMIT or any(len(name) > NAME_LIMIT for name in names):
        raise UsageError(
            "Name the disks by commas, like --disks os,data0; without it all are meant."
        )
    return names


def _of(what: str, example: str) -> dict[str, Any]:
    """A request's id, or the name of one of its points."""
    what = _needed(what, example)
    return {"of_request": what} if REQUEST_ID.fullmatch(what) else {"points": (what,)}


def _needed(text: str, example: str) -> str:
    if not text:
        raise UsageError(f"Something is missing. Write it like “/vmbackup {example}”.")
    return text
