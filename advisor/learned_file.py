"""What bills told the terminal of each VM: one file of JSON in the state directory.

`{"schema": 1, "vms": {id: sizes}}`, readable by its owner alone; the newest month wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from advisor.errors import InputUnreadable
from advisor.learned import LearnedUnreadable, learned_from, learned_to_dict
from advisor.model import BilledSizes
from advisor.prices.file_lock import locked
from advisor.prices.saved import replace_file

LEARNED_NAME = "learned.json"
SCHEMA = 1


def read_learned(directory: Path) -> dict[str, BilledSizes]:
    """By the VM's lower-cased id; empty where there is no file. Raises InputUnreadable."""
    path = directory / LEARNED_NAME
    try:
        document = json.loads(path.read_bytes())
        if document["schema"] != SCHEMA:
            raise LearnedUnreadable("another version")
        return {str(vm): learned_from(one) for vm, one in document["vms"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputUnreadable(str(path), "", f"it cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = "it does not hold what was learned of bills. Delete it, and ask for a bill anew."
        raise InputUnreadable(str(path), "", problem) from error


def keep_learned(directory: Path, learned: Mapping[str, BilledSizes]) -> None:
    """Add to what was learned before. Raises OSError and InputUnreadable."""
    if not learned:
        return
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / LEARNED_NAME
    with locked(path.with_suffix(".lock")):
        known = read_learned(directory)
        for vm, one in learned.items():
            if vm not in known or one.month >= known[vm].month:
                known[vm] = one
        vms = {vm: learned_to_dict(known[vm]) for vm in sorted(known)}
        replace_file(path, json.dumps({"schema": SCHEMA, "vms": vms}, separators=(",", ":")))


class LearnedOfFile:
    """What stands in the file, read once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, BilledSizes] | None = None

    async def learned(self, vm: str) -> BilledSizes | None:
        """As advisor.learned.KnowsBills has it. Raises InputUnreadable."""
        if self._known is None:
            self._known = read_learned(self._directory)
        return self._known.get(vm)
