"""The JSON Schemas of `advise --json` and `estimate --json`, shipped with the package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal


def schema(name: Literal["advice", "estimate"]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an advice or of an estimate."""
    text = files(__name__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
