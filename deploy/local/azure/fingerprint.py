"""A number that tells whether a body has changed, cheap enough for every look at a world."""

from __future__ import annotations

import json
import marshal
from typing import Any

_PLAIN = 2  #: a version of the format that writes equal values alike


def fingerprint(value: Any) -> int:
    """Of anything JSON can hold, whatever its strings and numbers are subclasses of."""
    try:
        return hash(marshal.dumps(value, _PLAIN))
    except ValueError:  # an enum's member, say: slower, but JSON knows it
        return hash(json.dumps(value))
