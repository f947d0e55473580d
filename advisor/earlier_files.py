"""What the terminal found out of VMs before: two files in the state directory."""

from __future__ import annotations

from pathlib import Path

from advisor.earlier import Earlier
from advisor.kept_measures import KeptMeasures, measures_from, measures_to_dict
from advisor.learned import learned_from, learned_to_dict
from advisor.model import BilledSizes
from advisor.vm_file import VmFile


def _newest(new: BilledSizes, before: BilledSizes | None) -> BilledSizes:
    """A month that was read again late does not take the place of a newer one."""
    return before if before is not None and before.month > new.month else new


LEARNED: VmFile[BilledSizes] = VmFile(
    name="learned.json",
    holds="what was learned of bills",
    again="ask for a bill anew",
    write=learned_to_dict,
    read=learned_from,
    over=_newest,
)
MEASURED: VmFile[KeptMeasures] = VmFile(
    name="measured.json",
    holds="what was measured",
    again="measure anew",
    write=measures_to_dict,
    read=measures_from,
    over=KeptMeasures.over,
)


def earlier_of(directory: Path) -> dict[str, Earlier]:
    """By the VM's lower-cased id. Raises InputUnreadable."""
    learned, measured = LEARNED.kept(directory), MEASURED.kept(directory)
    every = {*learned, *measured}
    return {vm: Earlier(learned.get(vm), measured.get(vm)) for vm in every}


class EarlierOfFiles:
    """What stands in the files, read once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, Earlier] | None = None

    async def earlier(self, vm: str) -> Earlier:
        """As advisor.earlier.KnowsEarlier has it. Raises InputUnreadable."""
        if self._known is None:
            self._known = earlier_of(self._directory)
        return self._known.get(vm, Earlier())
