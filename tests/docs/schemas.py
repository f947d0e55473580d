"""The enums of the JSON Schemas, made from the table of the options and the model's states."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor.bill.divide import How
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.model import PriceOrigin, ProtectionKind, ProtectionState, Source
from advisor.options import OPTIONS

FOLDER = Path(__file__).parents[2] / "advisor" / "present" / "schema"
_OPTIONS = [option.name for option in OPTIONS]
_KINDS = [kind.value for kind in ProtectionKind]
_SOURCES = [source.value for source in Source]
_ORIGINS = [*(origin.value for origin in PriceOrigin), None]  # None: there is no price

_PARTS = [part.value for part in BillPart]
_PURPOSES = [purpose.value for purpose in MeterPurpose]

#: Where in each schema an enum stands, and what it lists.
ENUMS: Mapping[Path, Mapping[str, Sequence[str | None]]] = {
    FOLDER / "advice.schema.json": {
        "$defs/sourced_range/properties/source": _SOURCES,
        "$defs/estimate/properties/source": _SOURCES,
        "$defs/in_place/properties/kind": _KINDS,
        "$defs/in_place/properties/state": [state.value for state in ProtectionState],
        "$defs/assessment/properties/option": _OPTIONS,
        "$defs/line/properties/price_origin": _ORIGINS,
    },
    FOLDER / "bill.schema.json": {
        "$defs/line/properties/protection": _PARTS,
        "$defs/line/properties/kind": _PURPOSES,
        "$defs/line/properties/how": [how.value for how in How],
        "$defs/difference/properties/protection": _PARTS,
        "$defs/difference/properties/kind": _PURPOSES,
    },
    FOLDER / "accuracy.schema.json": {
        "$defs/currency/properties/by_protection/propertyNames": _PARTS,
        "$defs/currency/properties/off_most/anyOf/0/properties/kind": _PURPOSES,
    },
    FOLDER / "estimate.schema.json": {
        "$defs/sourced_range/properties/source": _SOURCES,
        "$defs/estimate/properties/source": _SOURCES,
        "properties/option": _OPTIONS,
        "$defs/line/properties/price_origin": _ORIGINS,
    },
}


def with_enums(text: str, enums: Mapping[str, Sequence[str | None]]) -> str:
    """The schema with these enums made anew. Raises KeyError where it has no such place."""
    schema = json.loads(text)
    for place, values in enums.items():
        node: Any = schema
        for key in place.split("/"):
            node = node[int(key)] if isinstance(node, list) else node[key]
        if "enum" not in node:
            raise KeyError(f"{place} has no enum.")
        node["enum"] = list(values)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Write the enums of the schemas anew."""
    for path, enums in ENUMS.items():
        path.write_text(with_enums(path.read_text(encoding="utf-8"), enums), encoding="utf-8")
