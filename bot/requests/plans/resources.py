"""Which points a wish means, and which disks are in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from advisor.words import clean, listed
from bot.requests.model import PlannedDisk, Point, RequestPlan, Wish
from bot.requests.refusals import PlanRefused

_SHOWN = 80  # characters of a typed word that an answer repeats


class Made(NamedTuple):
    """A point and the disk in it, as it was when the point was made."""

    point: Point
    disk: PlannedDisk


def made_of(
    points: Sequence[Point], origin: RequestPlan, wish: Wish, *, of_ledger: bool = False
) -> tuple[Made, ...]:
    """The points meant (all that exist where none is named), each with its disks.

    A restore point holds several disks. `of_ledger`: the ledger's row is enough, where the plan
    was made anew since and has the disk no more. Raises PlanRefused, naming the points there are.
    """
    alive = [point for point in points if point.deleted_at is None]
    if not alive:
        raise PlanRefused(
            "Nothing of that request exists any more, so nothing can be done with it."
        )
    made = [
        Made(point, disk)
        for point in _named(alive, wish.points)
        for disk in _in(point, origin) or _by_the_row(point, of_ledger=of_ledger)
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


def _in(point: Point, origin: RequestPlan) -> tuple[PlannedDisk, ...]:
    """The disks of a point, by what the plan was to make; empty where none fits."""
    key = point.arm_id.lower()
    return tuple(disk for disk in origin.disks if disk.target_id.lower() == key) or tuple(
        disk for disk in origin.disks if point.disk_id and disk.id.lower() == point.disk_id.lower()
    )


def _by_the_row(point: Point, *, of_ledger: bool) -> tuple[PlannedDisk, ...]:
    """What the ledger knows of the disk. Raises PlanRefused where that is not enough."""
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
    """What is made of a disk is named after it, so of two points of one disk only one can be."""
    keys = [one.disk.id.lower() for one in made]
    for one in made:
        if keys.count(one.disk.id.lower()) > 1:
            raise PlanRefused(f"There are several points of {one.disk.name}. Name one of them.")


def _words(disk: PlannedDisk) -> set[str]:
    word = "os" if disk.is_os else f"data{disk.lun}"
    return {disk.name.lower(), disk.id.lower(), word}


def _last(point: Point) -> str:
    return point.arm_id.rsplit("/", 1)[-1].lower()
