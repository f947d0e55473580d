"""The JSON Schemas of `advise`, `estimate`, `fleet` and `bill` with --json, in the package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal


def schema(
    name: Literal["advice", "estimate", "fleet", "bill", "accuracy"],
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what such a command prints; `accuracy`: of a bill's accuracy."""
    text = files(__name__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
