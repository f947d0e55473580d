"""The fleet in Slack as files that a person has read: its card, and a digest of its changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from slack_as_text import drawn

from advisor.fleet.changes import ChangeKind, VmChange
from advisor.fleet.price_moves import BillMoved, MoveEffect, PriceMove, SeenPrice
from advisor.fleet.report import fleet_report, fleet_rows
from advisor.fleet.seen import SeenVm
from advisor.inventory.estate import Estate, InventoryRead
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.model import Meter
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from bot.messages.digest_card import Digest, digest_card
from bot.messages.fleet_card import fleet_card
from tests.bench.fleet import NOW, fleet

Compare = Callable[[str, str], None]
SENT = ("The whole report (fleet-20261130.html) is in your direct messages with this app.",)


def test_the_card_of_a_fleet_of_which_a_part_was_read_reads_as_it_did(golden: Compare) -> None:
    vms, pricer = fleet(60), Pricer(shipped_book(), "USD", NOW.date())
    estate = Estate(Fleet(tuple(vms)), Resources(), InventoryRead())
    report = fleet_report(fleet_rows(vms, "USD", Tiers(), pricer, NOW), estate, pricer, NOW)
    unread = ["the snapshots: 2,000 of 4,100 rows came, then: 429 TooManyRequests"]
    golden("fleet.slack.txt", drawn(fleet_card(report, unread, SENT)))


def test_a_digest_reads_as_it_did(golden: Compare) -> None:
    golden("digest.slack.txt", drawn(digest_card(a_digest())))


def a_digest() -> Digest:
    price = Pricer(shipped_book(), "USD", NOW.date()).price_or_why(METER)
    assert not isinstance(price, str)
    seen = SeenPrice(METER, "USD", price.unit, ((Decimal(0), Decimal("0.04")),), "listed", "2026")
    effect = MoveEffect(PriceMove(seen, price), Decimal("12.4"), Decimal("20.1"), 3)
    return Digest(
        vms=(
            VmChange(
                vm("sql-01", "broken"),
                (ChangeKind.JOB_FAILED, ChangeKind.DECISION_FLIPPED),
                (
                    "It is broken: Azure Backup fails, last point 33 h ago; it was protected.",
                    "Advised now: Fix Azure Backup and keep it; before: Keep Azure Backup.",
                ),
            ),
            VmChange(
                vm("web-09", "unprotected"),
                (ChangeKind.APPEARED,),
                ("It is new and unprotected.", "Advised: Protect it with Azure Backup."),
                Decimal("31.2"),
            ),
            VmChange(vm("old-01", "protected"), (ChangeKind.GONE,), ("It is gone.",)),
        ),
        moved=BillMoved((effect,), Decimal(480), Decimal("492.4"), {}),
        since=datetime(2026, 11, 23, 7, tzinfo=UTC),
        unread=("the backup items: 429 TooManyRequests",),
        currency="USD",
    )


METER = Meter(
    "Storage", "Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots", "westeurope"
)


def vm(name: str, state: str) -> SeenVm:
    texts: dict[str, Any] = dict.fromkeys(("words", "todo", "tier", "shape"), "")
    lists: dict[str, Any] = dict.fromkeys(("courses", "asked", "failing", "protections"), ())
    where = {"group": "rg-shop", "region": "westeurope", "vm_id": f"/subscriptions/s/{name}"}
    return SeenVm(name=name, state=state, lost_hours={}, **where, **texts, **lists)
