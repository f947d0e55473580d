"""One fact of each VM, kept by the terminal: a file of JSON in the state directory.

`{"schema": 1, "vms": {id: fact}}`, readable by its owner alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from advisor.errors import InputUnreadable
from advisor.file_lock import locked
from advisor.prices.saved import replace_file

Fact = TypeVar("Fact")
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class VmFile(Generic[Fact]):
    """Such a file. `read` raises ValueError, KeyError, TypeError or AttributeError."""

    name: str
    holds: str  #: what it holds, as the end of a sentence: `what was learned of bills`
    again: str  #: what makes it anew, as a request: `ask for a bill anew`
    write: Callable[[Fact], Any]
    read: Callable[[Any], Fact]
    #: A fact that is new, over the one that is kept or None: what is to be kept.
    over: Callable[[Fact, Fact | None], Fact]

    def kept(self, directory: Path) -> dict[str, Fact]:
        """By the VM's lower-cased id; empty where there is no file. Raises InputUnreadable."""
        path = directory / self.name
        try:
            document = json.loads(path.read_bytes())
            if document["schema"] != SCHEMA:
                raise ValueError("another version")
            return {str(vm): self.read(one) for vm, one in document["vms"].items()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise InputUnreadable(str(path), "", f"it cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"it does not hold {self.holds}. Delete it, and {self.again}."
            raise InputUnreadable(str(path), "", problem) from error

    def keep(self, directory: Path, new: Mapping[str, Fact]) -> None:
        """Add to what was kept before. Raises OSError and InputUnreadable."""
        if not new:
            return
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / self.name
        with locked(path.with_suffix(".lock")):
            known = self.kept(directory)
            known |= {vm: self.over(one, known.get(vm)) for vm, one in new.items()}
            vms = {vm: self.write(known[vm]) for vm in sorted(known)}
            replace_file(path, json.dumps({"schema": SCHEMA, "vms": vms}, separators=(",", ":")))
