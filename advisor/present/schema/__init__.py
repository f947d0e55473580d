"""The JSON Schemas of `advise`, `estimate` and `fleet` with --json, shipped with the package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal


def schema(name: Literal["advice", "estimate", "fleet"]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an advice, an estimate or a fleet."""
    text = files(__name__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
