"""The lines of an estimate, in the words in which a bill is held against it."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.bill.compare import EstimatedLine
from advisor.bill.kinds import OF_VAULTS, BillPart, MeterPurpose, meter_kind
from advisor.model import Assessment, Line, LineKind

_COUNTED = (LineKind.RECURRING, LineKind.DRILL)


def estimated_lines(assessments: Iterable[Assessment]) -> tuple[EstimatedLine, ...]:
    """Every line that counts into a total."""
    return tuple(
        _estimated(each.option, line)
        for each in assessments
        for line in each.lines
        if line.usage.kind in _COUNTED
    )


def _estimated(option: str, line: Line) -> EstimatedLine:
    usage = line.usage
    kind = meter_kind(usage.meter.meter, of_vault=usage.meter.service in OF_VAULTS)
    part = BillPart.TRAFFIC if kind is MeterPurpose.TRAFFIC else BillPart(option)
    return EstimatedLine(
        part=part,
        kind=kind,
        name=usage.name,
        quantity=usage.quantity,
        unit_price=line.unit_price,
        monthly=line.monthly,
        source=usage.source.value,
    )
