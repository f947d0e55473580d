"""The command that fetches the prices which a plan lacks: for every region that they are of."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model import Assessment


def price_hint(parts: Iterable[Assessment], home: str) -> str:
    """`vmbackup prices update --region eastus --region westus`, the VM's own region first.

    Also of lines that are no part of the total. Of traffic the source has the price.
    """
    lines = (line for part in parts for line in part.lines if line.missing)
    lacking = {line.usage.meter.region for line in lines}
    regions = sorted(lacking or {home}, key=lambda region: (region != home, region))
    return "vmbackup prices update" + "".join(f" --region {region}" for region in regions)
