"""Whether an answer has the field names and types of Azure's own example of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[4] / "shared" / "azure-rest"


def example(path: str) -> Any:
    """One of Microsoft's examples or recorded answers; the test is skipped where there is none."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the published examples are not here: {found}")
    return json.loads(found.read_text())


def differences(wanted: Any, found: Any, place: str = "$") -> list[str]:
    """Where `found` lacks a field of `wanted` or has it with another type.

    Of a list the first item stands for all. A null in either says nothing of its type.
    """
    if wanted is None or found is None:
        return []
    if isinstance(wanted, dict) and isinstance(found, dict):
        missing = [f"{place}.{name} is missing" for name in wanted if name not in found]
        both = [name for name in wanted if name in found]
        inner = (differences(wanted[name], found[name], f"{place}.{name}") for name in both)
        return missing + [one for part in inner for one in part]
    if isinstance(wanted, list) and isinstance(found, list):
        return differences(wanted[0], found[0], f"{place}[0]") if wanted and found else []
    kinds = {_kind(wanted), _kind(found)}
    return [] if len(kinds) == 1 else [f"{place}: {_kind(wanted)} and not {_kind(found)}"]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


#: Objects whose keys are data and no field names.
OPEN = frozenset({"tags", "settings", "protectedsettings", "userassignedidentities"})


def fields(value: Any, path: str = "") -> dict[str, set[str]]:
    """Every field's path with the JSON types it has; items of a list are one, null is a type."""
    found: dict[str, set[str]] = {}
    for place, kind in _places(value, path):
        found.setdefault(place, set()).add(kind)
    return found


def _places(value: Any, path: str) -> Iterator[tuple[str, str]]:
    yield path, "null" if value is None else _kind(value)
    if isinstance(value, dict) and path.rpartition(".")[2].lower() not in OPEN:
        for key, inner in value.items():
            yield from _places(inner, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for inner in value:
            yield from _places(inner, f"{path}[]")
