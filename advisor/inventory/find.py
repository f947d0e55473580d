"""The VMs that were read, and the search for one of them by the name that a person types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from advisor.errors import VmAmbiguous, VmNotFound
from advisor.model import KnownVm

_NEAREST = 5
_LIKE_ENOUGH = 70  #: of 100, by rapidfuzz's ratio: web-1 for web-01, not db-01


class Fleet(NamedTuple):
    """Every VM that was read, ordered by id. `why_none`: why there is none, where that is known."""

    vms: tuple[KnownVm, ...]
    why_none: str = ""

    def find(self, wanted: str) -> KnownVm:
        """The VM called `web-01`, `rg/web-01` or by its full ARM id, in any case.

        Raises VmAmbiguous with the ids of all that match, VmNotFound with the nearest names.
        """
        name = wanted.strip().strip("/").lower()
        found = [known for known in self.vms if _is_called(known, name)]
        if len(found) > 1:
            raise VmAmbiguous(wanted.strip(), [known.vm.id for known in found])
        if not found:
            near = nearest_names((known.vm.name for known in self.vms), name)
            raise VmNotFound(wanted.strip(), near, self.why_none)
        return found[0]


def nearest_names(names: Iterable[str], wanted: str) -> tuple[str, ...]:
    """Up to five of the names that look like the one wanted, the most alike first."""
    from rapidfuzz import fuzz, process  # 10 ms that only a name that is not found costs

    known = sorted(set(names), key=str.lower)
    matches = process.extract(
        wanted.rsplit("/", 1)[-1].lower(),
        [one.lower() for one in known],
        scorer=fuzz.ratio,
        limit=_NEAREST,
        score_cutoff=_LIKE_ENOUGH,
    )
    return tuple(known[position] for _, _, position in matches)


def _is_called(known: KnownVm, name: str) -> bool:
    vm = known.vm
    if "/" not in name:
        return vm.name.lower() == name
    if name.startswith("subscriptions/"):
        return vm.key.strip("/") == name
    return f"{vm.resource_group}/{vm.name}".lower() == name
