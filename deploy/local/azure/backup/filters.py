"""Azure Backup's `$filter`: conditions `name eq 'value'` joined by `and`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from deploy.local.azure.calls import Refusal
from deploy.local.azure.world import Body

_CONDITION = re.compile(r"^\s*([A-Za-z]+)\s+(eq|ne)\s+'([^']*)'\s*$")
#: What the filters call it, and where it stands in the properties, where the two differ.
_STANDS_IN = {
    "itemtype": "workloadType",
    "vaultname": "",
    "containername": "containerName",
    "backupsetname": "",
    "expand": "",
}


def conditions(text: str) -> list[tuple[str, str, str]]:
    """(name in lower case, eq or ne, value). Raises Refusal 400 for anything else."""
    found = []
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else []:
        match = _CONDITION.match(part)
        if not match:
            raise Refusal(400, "InvalidFilter", f"The filter '{text}' is not valid.")
        found.append((match[1].lower(), match[2], match[3]))
    return found


def filtered(bodies: list[Body], text: str) -> list[Body]:
    """Those whose properties meet every condition, compared in any case."""
    wanted = conditions(text)
    return [body for body in bodies if all(_meets(body, *one) for one in wanted)]


def _meets(body: Body, name: str, comparison: str, value: str) -> bool:
    field = _STANDS_IN.get(name, name)
    if not field:
        return True
    held = {key.lower(): shown for key, shown in body["properties"].items()}
    equal = str(held.get(field.lower(), "")).lower() == value.lower()
    return equal == (comparison == "eq")


def time_of(text: str) -> datetime:
    """A time of a filter, as the CLI (2026-11-22 08:00:00 PM) or a person writes it."""
    for form in ("%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Refusal(400, "InvalidFilter", f"The time '{text}' of the filter is not valid.")
