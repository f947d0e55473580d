"""The output of a command as a document; that of a fleet without holding every VM."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

#: The rows that are held of a fleet; the tool shows fewer.
ROWS_HELD = 25
_ROW, _END = '{"id"', "], "
#: Rows that need nothing are not shown: there may be a hundred thousand.
_URGENCY = {"unprotected": 0, "partly protected": 1}


def whole_document(lines: Iterable[str]) -> Mapping[str, Any]:
    """One JSON object. Raises ValueError."""
    found = json.loads("".join(lines))
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


class FleetLines:
    """A fleet's JSON has a line of each VM first, and the rest last (`fleet_json.py`)."""

    def document(self, lines: Iterable[str]) -> Mapping[str, Any]:
        """The rest, with the VMs to do something about, the worst first. Raises ValueError."""
        rows: list[tuple[int, int, Mapping[str, Any]]] = []
        seen = 0
        rest: list[str] = []
        remaining = iter(lines)
        for line in remaining:
            if line.startswith(_ROW):
                seen += 1
                _keep_worst(rows, json.loads(line.rstrip().rstrip(",")), seen)
            elif line.startswith(_END):
                rest = ["{", line.removeprefix(_END), *remaining]
        return {"vms": [row for _, _, row in rows], "vms_all": seen, **whole_document(rest)}


def _keep_worst(
    rows: list[tuple[int, int, Mapping[str, Any]]], row: Mapping[str, Any], place: int
) -> None:
    if not row.get("findings"):
        return
    rows.append((_URGENCY.get(str(row.get("state")), len(_URGENCY)), place, row))
    rows.sort(key=lambda each: each[:2])
    del rows[ROWS_HELD:]
