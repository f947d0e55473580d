"""The faults that one can switch on and off: one row each, with what it does to the stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from deploy.local.slack.standin import SlackStandIn

SLOW_SECONDS = 1.5
_COMPUTE = r"/providers/Microsoft\.Compute/"
_DATA_DISKS = r"/snapshots/vmbackup-.*-data"


@dataclass(frozen=True)
class Switch:
    """`about` completes what it is; `azure` and `slack` are met as long as it is on."""

    id: str
    name: str
    about: str
    azure: Sequence[Fault] = ()
    slack: Sequence[Fault] = ()
    delay_seconds: float = 0.0  #: before every answer of Azure


SWITCHES: tuple[Switch, ...] = (
    Switch(
        "throttled",
        "Azure throttles",
        "429 and “try again in 5 s” for every call about VMs, disks and snapshots",
        azure=(Fault(Kind.STATUS, path=_COMPUTE, times=None, status=429, retry_after="5"),),
    ),
    Switch(
        "slow",
        "Azure is slow",
        f"{SLOW_SECONDS} s more before every answer",
        delay_seconds=SLOW_SECONDS,
    ),
    Switch(
        "half",
        "Half fails",
        "data disks refuse a snapshot, OS disks do not",
        azure=(
            Fault(
                Kind.STATUS,
                method="PUT",
                path=_DATA_DISKS,
                times=None,
                status=409,
                code="OperationNotAllowed",
                message="The disk is being resized.",
            ),
        ),
    ),
    Switch(
        "slack",
        "Slack is away",
        "503 for everything that the bot sends; it is sent when Slack is back",
        slack=(Fault(Kind.STATUS, times=None, status=503),),
    ),
)


@dataclass
class Switchboard:
    """Which switches are on, and the numbers of their faults."""

    azure: AzureStandIn
    slack: SlackStandIn
    _on: dict[str, list[Callable[[], object]]] = field(default_factory=dict)

    def is_on(self, switch: Switch) -> bool:
        return switch.id in self._on

    def turn(self, switch_id: str, *, on: bool) -> None:
        """Raises ValueError for a switch that there is not."""
        switch = next((each for each in SWITCHES if each.id == switch_id), None)
        if switch is None:
            raise ValueError(f"There is no switch “{switch_id}”.")
        for undo in self._on.pop(switch.id, ()):
            undo()
        if on:
            self._on[switch.id] = self._put(switch)

    def _put(self, switch: Switch) -> list[Callable[[], object]]:
        """Returns what takes it away again."""
        undoing: list[Callable[[], object]] = [
            partial(faults.remove, faults.add(fault))
            for faults, wanted in (
                (self.azure.faults, switch.azure),
                (self.slack.faults, switch.slack),
            )
            for fault in wanted
        ]
        if switch.delay_seconds:
            self.azure.faults.delay_seconds = switch.delay_seconds
            undoing.append(partial(setattr, self.azure.faults, "delay_seconds", 0.0))
        return undoing
