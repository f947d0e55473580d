"""Half a year of digests: what each week must say, written apart, and silence in the others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping

import pytest

from bot.commands.manifest import manifest
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.fleet.half_year import LAB, SCRIPT, SHOP, WEEKS, Week
from tests.fleet.living_fleet import OPS, Place, living, sender_of

FLIPPED_BY_PRICE = (
    "Advised now: Protect it with Azure Backup; before: Protect it with snapshots. Why: the price "
    "of LRS Snapshots and ZRS Snapshots moved; at the prices of before it would still be as before."
)
#: Told once, whether or not the VM is there.
LOST_GROUP = (
    "1 resource group not to be read",
    {
        f"Resource group rg-side (subscription {SHOP})": (
            "1 VM in it cannot be read any more: 403 AuthorizationFailed. What became of it is"
            " not known.",
        )
    },
)
#: By week: the end of the title, and of each VM or price what must be said of it, in order of
#: appearance. A week that is not here is silent.
TOLD: Mapping[int, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    2: ("1 VM changed", {"new-01": ("It is new and unprotected.", "Protect it with Azure Backup")}),
    4: (
        "1 VM changed",
        {
            "web-02": (
                "It is broken: Azure Backup fails, last point 32 h ago; it was protected.",
                "Advised now: Fix Azure Backup and keep it; before: Keep Azure Backup.",
            )
        },
    ),
    6: (
        "1 VM changed",
        {
            "web-02": (
                "Advised now: Keep Azure Backup; before: Fix Azure Backup and keep it.",
                "Why: it is protected: Azure Backup, last point 8 h ago, 32 USD a month, "
                "it was broken.",
            )
        },
    ),
    7: (
        "1 VM changed",
        {
            "db-01": (
                "It is partly protected: db-01-data-1 (4,096 of 4,224 GB) is in no point;",
                "it was protected.",
                "Advised now: Take db-01-data-1 into the backup",
                "341 USD a month more.",
            )
        },
    ),
    8: ("1 VM changed", {"db-01": ("Advised now: Keep Azure Backup; before: Take db-01-data-1",)}),
    9: (
        "1 VM changed",
        {
            "web-01": (
                "It is partly protected: RPO 7 days instead of 24 h (deletion);",
                "168 h of data may be lost (deletion), 24 h before",
                "180 h of data may be lost (region), 36 h before",
                "Advised now: Assign another policy that runs every 24 h",
            )
        },
    ),
    10: ("1 VM changed", {"web-01": ("Advised now: Keep Azure Backup", "it was partly protected")}),
    11: (
        "1 price moved",
        {"RA-GRS Data Stored": ("(+20.0 %)", "68.51 USD more on what protects 3 VMs today")},
    ),
    14: ("1 VM changed", {"web-02": ("It is broken: Azure Backup fails", "it was protected")}),
    16: (
        "2 VMs changed",
        {"web-02": ("Advised now: Keep Azure Backup",), "new-01": ("It is gone", "unprotected")},
    ),
    17: (
        "1 VM changed",
        {"dev-01": ("It is unprotected; it was protected.", "Protect it with snapshots")},
    ),
    19: (
        "2 VMs changed and 2 prices moved",
        {
            "batch-01": (FLIPPED_BY_PRICE,),
            "dev-01": (FLIPPED_BY_PRICE,),
            "LRS Snapshots (Standard HDD Managed Disks, westeurope)": (
                "0.6 USD per 1 GB/Month, 0.05 before",
                "A month: nothing on what protects VMs today and",
            ),
            "ZRS Snapshots (Standard HDD Managed Disks, westeurope)": (),
        },
    ),
    # Told once, in the week in which the rights are lost; that they are back changes no VM.
    21: (
        "1 subscription not to be read",
        {
            f"Subscription {LAB.lower()}": (
                "It cannot be read any more: 403 AuthorizationFailed. What became of the 1 VM that"
                " it had is not known.",
            )
        },
    ),
    24: ("1 VM changed", {"safe-01": ("It is gone",)}),
    25: ("1 price moved", {"RA-GRS Data Stored": ("(+1.2 %)",)}),
    26: (
        "1 subscription gone",
        {f"Subscription {LAB.lower()}": ("It is gone, and with it 1 VM: Azure knows it no more.",)},
    ),
    28: LOST_GROUP,
    31: LOST_GROUP,
    # It was deleted while nobody could read it.
    33: ("1 VM changed", {"side-01": ("It is gone: Azure knows its resource group no more.",)}),
}


@pytest.fixture
async def place(served: Served) -> AsyncIterator[Place]:
    async with living(served) as found:
        yield found


async def test_a_half_year_of_digests_says_what_happened_and_nothing_else(place: Place) -> None:
    async with SlackStandIn(manifest()) as slack:
        slack.workspace.is_rate_limited = False
        sender = sender_of(place, slack)
        for number in range(WEEKS + 1):
            week = SCRIPT.get(number, Week())
            before = {one.ts for one in slack.messages(OPS)}
            assert await place.live_through(week) == week.is_settled, number
            while await sender.step():
                pass
            said = [one.text for one in slack.messages(OPS) if one.ts not in before]
            check(number, said)


def check(number: int, said: list[str]) -> None:
    """One message where something is to be told, with all of it and nothing else; else none."""
    if number not in TOLD:
        assert said == [], number
        return
    title, wanted = TOLD[number]
    [text] = said
    assert re.match(rf"Since \d+ \w+ 20\d\d: {re.escape(title)}\.", text), (number, text)
    for name, phrases in wanted.items():
        assert name in text, (number, name, text)
        for phrase in phrases:
            assert phrase in text, (number, phrase, text)
