"""An estimate's words: it speaks of a VM that nobody built, so nothing of it could be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from advisor.model import Assessment, Line, Reason, Sizing, Verdict, Vm
from advisor.prices.pricing import total
from advisor.recommend.spread import SizeWords

_SIZE = "pass --size Standard_D4s_v5"
_OF_SIZE = f"Whether the size takes premium storage is not known: {_SIZE}."


class _Lacking(NamedTuple):
    """What a rule lacks while nobody has said it, and what is to be said of that."""

    is_said: Callable[[Vm, Sizing], bool]
    sentence: str


def _size_said(vm: Vm, _: Sizing) -> bool:
    return vm.size is not None


def _peak_said(_: Vm, sizing: Sizing) -> bool:
    return sizing.peak_write_mb_per_s is not None


def _system_said(vm: Vm, _: Sizing) -> bool:
    return vm.os_type is not None


#: By the rule's name.
_UNSAID = {
    "operating-system": _Lacking(
        _system_said, "The operating system was not said: pass --os windows or --os linux."
    ),
    "virtual-cores": _Lacking(
        _size_said, f"The size was not said, so the cores are not known: {_SIZE}."
    ),
    "architecture": _Lacking(
        _size_said, f"The size was not said, so the processor is not known: {_SIZE}."
    ),
    "agentless-size": _Lacking(_size_said, _OF_SIZE),
    "restore-point-size": _Lacking(_size_said, _OF_SIZE),
    "churn": _Lacking(
        _peak_said,
        "The peak writes were not said, so whether replication keeps up is not known: pass"
        " --peak-write 12MB/s.",
    ),
}
_RATES = "pass them with the disk, like UltraSSD_LRS:1024:400:5000iops:200mbps"

#: How somebody who plans a VM settles a size.
OF_NO_VM = SizeWords(
    used="say what each disk will hold, like --disk Premium_LRS:128:40",
    churn="pass --churn 2%",
    written="pass --written 80GB",
    flags="the used size of each --disk and --churn",
)


def of_no_vm(assessment: Assessment, vm: Vm, sizing: Sizing) -> Assessment:
    """The assessment in words that fit a VM which does not exist yet."""
    reasons = tuple(_said_reason(each, vm, sizing) for each in assessment.proposal.reasons)
    lines = tuple(map(_said_line, assessment.lines))
    return assessment._replace(
        proposal=assessment.proposal._replace(reasons=reasons),
        lines=lines,
        monthly=total(lines, assessment.monthly.currency),
    )


def _said_reason(reason: Reason, vm: Vm, sizing: Sizing) -> Reason:
    lacking = _UNSAID.get(reason.rule)
    if lacking is None or reason.verdict is not Verdict.UNKNOWN or not reason.not_supplied:
        return reason
    if not lacking.is_said(vm, sizing):
        return reason._replace(text=lacking.sentence)
    if reason.rule == "operating-system":
        text = f"Whether the release of {vm.os_type} is on the list is not asked: look it up."
        return reason._replace(text=text)
    return reason


def _said_line(line: Line) -> Line:
    """A quantity that is not known is a rate of the disk that was not said."""
    if line.usage.quantity is not None or line.usage.meter.product != "Ultra Disks":
        return line
    return line._replace(missing=f"the disk's IOPS and MB/s were not said; {_RATES}")
