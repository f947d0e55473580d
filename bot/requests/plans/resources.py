"""The points that a wish names, and the disks in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from advisor.words import clean, listed
from bot.requests.model import PlannedDisk, Point, RequestPlan, Wish
from bot.requests.refusals import PlanRefused

_SHOWN = 80  # characters of a typed word that an answer repeats


class Made(NamedTuple):
    """A point and a disk in it, with the disk's properties when the point was made."""

    point: Point
    disk: PlannedDisk


def made_of(
    points: Sequence[Point], origin: RequestPlan, wish: Wish, *, of_ledger: bool = False
) -> tuple[Made, ...]:
    """The points that the wish names, or all that exist, each with its disks.

    A restore point holds several disks. `of_ledger`: the ledger's row is enough where a later
    revision of the plan lacks the disk. Raises PlanRefused that names the points that exist.
    """
    existing = [point for point in points if point.deleted_at is None]
    if not existing:
        raise PlanRefused(
            "Nothing of that request exists any more, so nothing can be done with it."
        )
    made = [
        Made(point, disk)
        for point in _named(existing, wish.points)
        for disk in _disks_in(point, origin) or _disk_of_ledger(point, of_ledger=of_ledger)
    ]
    if not wish.disks:
        return tuple(made)
    wanted = {word.lower() for word in wish.disks}
    kept = tuple(one for one in made if wanted & _words(one.disk))
    if not kept:
        there = listed(dict.fromkeys(one.disk.name for one in made))
        raise PlanRefused(f"None of these disks is in it. It holds {there}.")
    return kept


def _named(points: Sequence[Point], wanted: Sequence[str]) -> list[Point]:
    if not wanted:
        return list(points)
    found = []
    for word in wanted:
        matches = [one for one in points if word.lower() in (_last(one), one.arm_id.lower())]
        if not matches:
            there = listed(_last(one) for one in points)
            shown = clean(word)[:_SHOWN]
            raise PlanRefused(f"There is no “{shown}” of that request. There is {there}.")
        found += matches
    return list(dict.fromkeys(found))


def _disks_in(point: Point, origin: RequestPlan) -> tuple[PlannedDisk, ...]:
    """The disks of a point by the targets of the plan that made it; empty where none matches."""
    key = point.arm_id.lower()
    return tuple(disk for disk in origin.disks if disk.target_id.lower() == key) or tuple(
        disk for disk in origin.disks if point.disk_id and disk.id.lower() == point.disk_id.lower()
    )


def _disk_of_ledger(point: Point, *, of_ledger: bool) -> tuple[PlannedDisk, ...]:
    """The disk as the ledger's row has it. Raises PlanRefused unless `of_ledger`."""
    if not of_ledger:
        raise PlanRefused(f"Which disk {_last(point)} was made of is not known.")
    disk = PlannedDisk(
        id=point.disk_id,
        name=point.disk_name,
        unique_id=point.unique_id,
        size_gib=point.size_gib,
        sku="",
        is_os=False,
    )
    return (disk,)


def refuse_twice(made: Sequence[Made]) -> None:
    """Raises PlanRefused for two points of one disk.

    A new resource is named after the disk, so only one can be made for each disk.
    """
    keys = [one.disk.id.lower() for one in made]
    for one in made:
        if keys.count(one.disk.id.lower()) > 1:
            raise PlanRefused(f"There are several points of {one.disk.name}. Name one of them.")


def _words(disk: PlannedDisk) -> set[str]:
    word = "os" if disk.is_os else f"data{disk.lun}"
    return {disk.name.lower(), disk.id.lower(), word}


def _last(point: Point) -> str:
    return point.arm_id.rsplit("/", 1)[-1].lower()
