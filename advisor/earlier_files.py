"""What the terminal found out of VMs before: two files in the state directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from advisor.earlier import NOTHING_EARLIER, Earlier
from advisor.errors import InputUnreadable
from advisor.kept_measures import KeptMeasures, measures_from, measures_to_dict
from advisor.learned import learned_from, learned_to_dict
from advisor.model import BilledSizes
from advisor.vm_file import Fact, VmFile


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


def earlier_of(directory: Path, unread: Callable[[InputUnreadable], None]) -> dict[str, Earlier]:
    """By the VM's lower-cased id. A file that cannot be read is told to `unread` and left as it is;
    what the other one holds counts all the same."""
    learned, measured = _kept(LEARNED, directory, unread), _kept(MEASURED, directory, unread)
    every = {*learned, *measured}
    return {vm: Earlier(learned.get(vm), measured.get(vm)) for vm in every}


def _kept(
    file: VmFile[Fact], directory: Path, unread: Callable[[InputUnreadable], None]
) -> Mapping[str, Fact]:
    try:
        return file.kept(directory)
    except InputUnreadable as error:
        unread(error)
        return {}


class EarlierOfFiles:
    """What stands in the files, read once; `unread` as `earlier_of` has it."""

    def __init__(self, directory: Path, unread: Callable[[InputUnreadable], None]) -> None:
        self._directory, self._unread = directory, unread
        self._known: dict[str, Earlier] | None = None

    async def earlier(self, vm: str) -> Earlier:
        """As advisor.earlier.KnowsEarlier has it."""
        if self._known is None:
            self._known = earlier_of(self._directory, self._unread)
        return self._known.get(vm, NOTHING_EARLIER)
