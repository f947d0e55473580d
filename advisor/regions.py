"""Azure's regions (pair, zones, continent), and the parsers of the names that people write.

The table and its sources are in `regions_table`. "Restricted" regions need an allow-list from
Microsoft. A pair may lead one way only: West US 3 has East US, and East US has West US.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from advisor.errors import UsageError
from advisor.model import Verdict
from advisor.regions_table import CHINA, PUBLIC, US_GOVERNMENT

_SHOWN = 60  # characters of what was typed that an error repeats
_SUGGESTED, _ALIKE = 3, 70  # regions that are suggested; of 100, how much alike they are
_ZONE = re.compile(r"zone:([1-3])")


class Region(NamedTuple):
    """One region. `pair` is empty where Azure gives it none, and where that is not known."""

    name: str  #: ARM's name: westeurope
    display_name: str
    pair: str
    paired: Verdict  #: whether it has a pair
    zones: Verdict
    open: Verdict  #: whether every subscription may use it, or Microsoft must let one in
    cross_region_restore: Verdict  #: of a geo-redundant vault there
    archive: Verdict  #: the archive tier for VMs
    geography: str  #: the border of data residency: France, United States
    continent: str
    cloud: str  #: public, usgov or china

    @property
    def restricted(self) -> bool:
        """Whether it is known that Microsoft must let a subscription in."""
        return self.open is Verdict.NO


_ANSWERS = {"y": Verdict.YES, "n": Verdict.NO, "?": Verdict.UNKNOWN}
_PAIRED = {"none": Verdict.NO, "unknown": Verdict.UNKNOWN}
PUBLIC_CLOUD = "public"


def _read(table: str, cloud: str) -> Iterator[Region]:
    for line in table.strip().splitlines():
        name, display, pair, answers, geography, continent = line.split("; ")
        zones, is_open, crossing, archive = (_ANSWERS[each] for each in answers)
        yield Region(
            name=name,
            display_name=display,
            pair="" if pair in _PAIRED else pair,
            paired=_PAIRED.get(pair, Verdict.YES),
            zones=zones,
            open=is_open,
            cross_region_restore=crossing,
            archive=archive,
            geography=geography,
            continent=continent,
            cloud=cloud,
        )


REGIONS = {
    each.name: each
    for table, cloud in ((PUBLIC, PUBLIC_CLOUD), (US_GOVERNMENT, "usgov"), (CHINA, "china"))
    for each in _read(table, cloud)
}


def region_name(text: str) -> str:
    """ARM's name of a region from how people and APIs write it: "West Europe" -> westeurope."""
    return text.replace(" ", "").lower()


def region(name: str) -> Region:
    """The region of that name; of one that is not in the table nothing is known."""
    return REGIONS.get(name) or _unknown(name)


@lru_cache(maxsize=1024)
def _unknown(name: str) -> Region:
    """A region that Azure has and the table has not: every answer is unknown."""
    nothing = (Verdict.UNKNOWN,) * 4
    return Region(name, name, "", Verdict.UNKNOWN, *nothing, "", "", "")


def display_name(name: str) -> str:
    """How Azure writes it: westeurope -> West Europe."""
    return region(name).display_name


def same_continent(one: str, other: str, among: tuple[str, ...]) -> bool:
    """Whether both public regions are known to lie in the same one of these continents."""
    source, target = region(one), region(other)
    if source.cloud != PUBLIC_CLOUD or target.cloud != PUBLIC_CLOUD:
        return False
    return source.continent in among and source.continent == target.continent


def another_continent(one: str, other: str) -> bool:
    """Whether both public regions are known to lie in different continents."""
    source, target = region(one), region(other)
    if source.cloud != PUBLIC_CLOUD or target.cloud != PUBLIC_CLOUD:
        return False
    return bool(source.continent and target.continent) and source.continent != target.continent


def parse_region(text: str) -> str:
    """`West Europe` or `westeurope` -> ARM's name. Raises UsageError with the nearest names."""
    name = region_name(text.strip())
    if name in REGIONS:
        return name
    near = _nearest(name)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Write it like westeurope."
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    raise UsageError(f"“{shown}” is not an Azure region. {hint}")


def _nearest(name: str) -> list[str]:
    """Up to three regions that look like it, first those of the same letters: europewest."""
    from rapidfuzz import process

    letters = sorted(filter(str.isalnum, name))
    same = [each for each in REGIONS if sorted(each) == letters]
    alike = process.extract(name, list(REGIONS), limit=_SUGGESTED, score_cutoff=_ALIKE)
    return list(dict.fromkeys([*same, *(match[0] for match in alike)]))[:_SUGGESTED]


def parse_target(text: str) -> str:
    """A region's ARM name, or `zone:1` to `zone:3`. Raises UsageError."""
    name = region_name(text.strip())
    if not name.startswith("zone"):
        return parse_region(text)
    if not _ZONE.fullmatch(name):
        raise UsageError(f"“{text}” is not a zone. Write it like zone:1, zone:2 or zone:3.")
    return name


# --- where data may go -----------------------------------------------------------------------

#: Where no open region lies on the continent of its own: where Azure pairs it to (Brazil South
#: with South Central US: reliability/regions-list, 2026-07-28).
_NEXT_CONTINENT = {"South America": "North America"}


@lru_cache(maxsize=1024)
def nearest_open(name: str, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The open regions nearest to that one: of its geography, else of its continent.

    ARM's names, without its pair, itself and those named. First those with zones and an open pair
    of their own, where what was moved can be protected again in every way; then by name. Empty for
    a region that is not known.
    """
    home = region(name)
    others = [
        each
        for each in REGIONS.values()
        if each.open is Verdict.YES
        and each.cloud == home.cloud
        and each.name not in without | {home.name, home.pair}
    ]
    continents = (home.continent, _NEXT_CONTINENT.get(home.continent, ""))
    classes = [[each for each in others if each.geography == home.geography]]
    classes += [[each for each in others if each.continent == one] for one in continents]
    found = sorted(next(filter(None, classes), []), key=_how_whole)
    return tuple(each.name for each in found)


def _how_whole(one: Region) -> tuple[bool, bool, str]:
    return one.zones is not Verdict.YES, region(one.pair).open is not Verdict.YES, one.name


def leaves_geography(source: str, target: str) -> bool:
    """Whether both regions are known and the target lies in another geography."""
    home, there = region(source).geography, region(target).geography
    return bool(home and there) and home != there
