"""The tables about requests: their states, their settings, what Azure must allow for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.azure.permissions import PERMISSIONS
from bot.azure.verbs import VERBS
from bot.requests.states import MEANING, MOVES
from tests.docs.markdown import Row, Tables, table

#: What each part of the bot's role is for; a workspace without restores leaves that part out.
PARTS: Mapping[str, tuple[str, ...]] = {
    "Snapshots: take, extend, delete": ("take-snapshot", "retag", "delete-snapshot"),
    "Restore points (`--consistent`)": (
        "make-collection",
        "take-restore-point",
        "delete-restore-point",
    ),
    "Copies to another region": ("copy-snapshot",),
    "Restores: make disks, attach them beside the others, undo both": (
        "make-disk",
        "attach-disk",
        "detach-disk",
        "delete-disk",
    ),
    "Restores with `--swap-os-disk`": ("deallocate", "swap-os-disk", "start-vm"),
}


def _states() -> str:
    return table(("State", "What it means", "Then"), map(_state, MEANING))


def _state(state: Any) -> Row:
    after = [str(each) for each in MEANING if each in MOVES[state]]
    return f"**{state}**", MEANING[state], ", ".join(after) or "the end"


def _permissions() -> str:
    verbs = [verb for part in PARTS.values() for verb in part]
    if sorted(verbs) != sorted(VERBS):
        raise ValueError(f"PARTS must name each verb once: {sorted(set(VERBS) ^ set(verbs))}.")
    return table(("For", "What the role must hold"), map(_part, PARTS.items()))


def _part(part: tuple[str, tuple[str, ...]]) -> Row:
    return part[0], " ".join(f"`{each}`" for each in _actions(*part[1]))


def _actions(*verbs: str) -> list[str]:
    return sorted({action for verb in verbs for action in PERMISSIONS[verb]})


TABLES: Tables = {"states": _states, "permissions": _permissions}
