"""The fleet that was read, and finding one VM of it by the name a person types."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.errors import VmAmbiguous, VmNotFound
from advisor.model import KnownVm

_NEAREST = 5
_LIKE_ENOUGH = 60  #: of 100, by rapidfuzz's ratio: web-1 for web-01, not db-01


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every VM that was read, ordered by id."""

    vms: tuple[KnownVm, ...]

    def find(self, wanted: str) -> KnownVm:
        """The VM called `web-01`, `rg/web-01` or by its full ARM id, in any case.

        Raises VmAmbiguous with the ids of all that match, VmNotFound with the nearest names.
        """
        name = wanted.strip().strip("/").lower()
        found = [known for known in self.vms if _is_called(known, name)]
        if len(found) > 1:
            raise VmAmbiguous(wanted.strip(), [known.vm.id for known in found])
        if not found:
            raise VmNotFound(wanted.strip(), self._nearest(name))
        return found[0]

    def _nearest(self, name: str) -> tuple[str, ...]:
        from rapidfuzz import fuzz, process  # 10 ms that only a name that is not found costs

        names = sorted({known.vm.name for known in self.vms}, key=str.lower)
        lowered = [one.lower() for one in names]
        matches = process.extract(
            name.rsplit("/", 1)[-1],
            lowered,
            scorer=fuzz.ratio,
            limit=_NEAREST,
            score_cutoff=_LIKE_ENOUGH,
        )
        return tuple(names[position] for _, _, position in matches)


def _is_called(known: KnownVm, name: str) -> bool:
    vm = known.vm
    if "/" not in name:
        return vm.name.lower() == name
    if name.startswith("subscriptions/"):
        return vm.key.strip("/") == name
    return f"{vm.resource_group}/{vm.name}".lower() == name
