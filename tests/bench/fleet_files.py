"""Fleets in files, as large as wanted, made a thousand VMs at a time: of the same seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from advisor.inventory.coverage import InventoryPart
from deploy.local.fleet.generate import generated_world

_AT_ONCE = 1_000
_SUBSCRIPTION = "00000000-0000-4000-8000-"  #: how ids of generated subscriptions begin
_NEVER = ("resourceGroups", "subscriptions")  #: containers, which no export of resources holds


def write_fleet(path: Path, count: int, alike: int = 1) -> None:
    """What `vmbackup inventory query` would bundle of so many VMs, a resource on each line.

    `alike`: so many in a row come from one template (`generated_world`).
    """
    said = {"version": 1, "read": [part.value for part in InventoryPart]}
    said["taken"] = taken().isoformat()
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"vmbackup": {json.dumps(said)}, "resources": [\n')
        for number, line in enumerate(_lines(count, alike)):
            file.write(f",\n{line}" if number else line)
        file.write("\n]}\n")


def taken() -> datetime:
    """When the fleets were read."""
    return generated_world(1).now


def _lines(count: int, alike: int) -> Iterator[str]:
    """Each thousand lies in subscriptions of its own."""
    for number, start in enumerate(range(0, count, _AT_ONCE)):
        world = generated_world(min(_AT_ONCE, count - start), seed=number + 1, alike=alike)
        own = f"{number + 1:08x}-0000-4000-8000-"
        for body in world.resources.values():
            if not body["type"].endswith(_NEVER):
                yield json.dumps(body).replace(_SUBSCRIPTION, own)
