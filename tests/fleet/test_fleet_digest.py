"""The weekly digest: once whatever crashes, silent where it may not speak, within its bounds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from advisor.errors import SettingsUnreadable
from advisor.fleet.changes import ChangeKind, VmChange
from advisor.fleet.price_moves import (
    BillMoved,
    MoveEffect,
    PriceMove,
    price_moves,
)
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from bot.commands.manifest import manifest
from bot.composition.actions import action_facts
from bot.database.fleet_digest import DigestStore, DigestToSettle
from bot.jobs.digest_memory import recalled, recalled_prices, vm_as_stored
from bot.jobs.weekly_digest import (
    LEASE_SECONDS,
    NOT_ALLOWED_SECONDS,
    PARTIAL_PAUSE_SECONDS,
    PARTIAL_TRIES,
    last_slot,
)
from bot.messages.digest_card import VMS_SHOWN, Digest, digest_card
from bot.requests.approval.rules import WeeklyDigestRule
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.rulings import Ruling, RulingReason, no
from deploy.local.faults import Fault, Kind
from deploy.local.slack.standin import SlackStandIn
from tests.bot.slack_limits import problems
from tests.databases import Served
from tests.fleet.half_year import GRAPH, PROD, SHOP, WEEK, throttled
from tests.fleet.living_fleet import Place, living, sender_of
from tests.fleet.seen_vms import a_price, seen

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)


@pytest.fixture
async def place(served: Served) -> AsyncIterator[Place]:
    """After the first reading, with a VM that appeared since."""
    async with living(served) as found:
        assert await found.workers[0].once(), "the first reading is settled"
        assert messages(found) == []
        found.forward(WEEK)
        found.fleet.nightly()
        found.fleet.add_vm("new-01", SHOP, PROD, (64,))
        yield found


def messages(place: Place) -> list[Mapping[str, Any]]:
    """Those that are to be sent."""
    with psycopg.connect(make_conninfo(**place.served.connection_keywords)) as connection:
        rows = connection.execute("SELECT message FROM messages ORDER BY id").fetchall()
    return [row[0] for row in rows]


# --- once, whatever crashes -------------------------------------------------------------------


async def test_a_worker_that_dies_while_it_reads_is_followed_by_another_one(place: Place) -> None:
    first, second = place.workers
    place.azure.faults.add(Fault(Kind.HANG, operation=GRAPH, seconds=60, times=None))
    asked = place.azure.counts[GRAPH]
    dying = asyncio.create_task(first.once())
    while place.azure.counts[GRAPH] == asked:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.wait({dying})
    place.azure.faults.clear()
    assert not await second.once(), "the first one may be alive still"
    place.forward(timedelta(seconds=LEASE_SECONDS + 1))
    assert await second.once()
    [message] = messages(place)
    assert "new-01: (rg-half-year, westeurope) It is new and unprotected." in message["text"]
    assert not await first.once()


async def test_whoever_lost_the_lease_settles_nothing(place: Place) -> None:
    store = DigestStore(place.database)
    slot = last_slot(WeeklyDigestRule(channel="C01OPS", weekday=0, hour_utc=7), place.now())
    assert await store.take(slot, "late", LEASE_SECONDS)
    place.forward(timedelta(seconds=LEASE_SECONDS + 1))
    assert await place.workers[0].once()
    late = DigestToSettle(
        slot=slot,
        read_at=place.now(),
        seen={"x": {"a": 1}},
        gone=(),
        prices=(),
        basis={},
        channel_id="C01OPS",
        message={"text": "late", "blocks": []},
    )
    assert not await store.settle("late", late)
    assert "x" not in await store.seen()
    assert len(messages(place)) == 1


async def test_both_workers_at_once_tell_it_once_and_a_second_look_tells_nothing(
    place: Place,
) -> None:
    settled = await asyncio.gather(*(each.once() for each in place.workers))
    assert sorted(settled) == [False, True]
    assert not any([await each.once() for each in place.workers])
    assert len(messages(place)) == 1


async def many_changed(place: Place, vms: int) -> None:
    for number in range(vms):
        place.fleet.add_vm(f"many-{number:02}", SHOP, PROD, (64,))
    assert await place.workers[0].once()


async def sent(place: Place, slack: SlackStandIn) -> list[Any]:
    """What the channel shows once everything is sent that can be."""
    slack.workspace.is_rate_limited = False
    sender = sender_of(place, slack)
    for _ in range(6):
        while await sender.step():
            pass
        async with place.database.connection() as connection:  # what waits is due
            await connection.execute("UPDATE messages SET not_before = vmbackup_now()")
            await connection.execute("UPDATE channels SET next_at = vmbackup_now()")
    return list(slack.messages("C01OPS"))


async def test_more_than_a_card_names_follows_as_a_file(place: Place) -> None:
    await many_changed(place, 20)
    async with SlackStandIn(manifest()) as slack:
        card, file = await sent(place, slack)
        [shown] = file.files
        content = slack.workspace.files[shown["id"]].content
    assert "21 VMs changed" in card.text
    assert "And 15 more VMs: 15 new here and not protected." in card.text
    assert content is not None
    lines = content.decode().splitlines()
    assert len(lines) == 21
    assert lines[0].startswith("many-00 (rg-half-year, westeurope) It is new and unprotected.")
    assert re.fullmatch(r"fleet-changes-\d{8}\.txt", shown["name"])


@pytest.mark.parametrize(
    ("fault", "files"),
    [
        (Fault(Kind.LOST, operation="files.completeUploadExternal"), 1),
        (Fault(Kind.STATUS, operation="files.getUploadURLExternal", retry_after="1"), 1),
        (Fault(Kind.DROP, operation="files.upload"), 1),
        (Fault(Kind.STATUS, operation="files.completeUploadExternal", status=500), 0),
    ],
    ids=["the answer is lost", "throttled", "broken off", "nobody knows"],
)
async def test_the_file_of_a_digest_is_never_there_twice(
    place: Place, fault: Fault, files: int
) -> None:
    await many_changed(place, 20)
    async with SlackStandIn(manifest()) as slack:
        slack.faults.add(fault)
        shown = await sent(place, slack)
    assert [len(one.files) for one in shown] == [0, *[1] * files]


# --- what may not be told ---------------------------------------------------------------------


class Shared:
    """A channel that another company shares."""

    async def may_be_public(self, channel_id: str, *, fresh: bool = False) -> Ruling:
        return no(RulingReason.PUBLIC_EXTERNAL, channel=channel_id)


async def test_a_channel_that_others_read_hears_nothing_and_nothing_is_lost(place: Place) -> None:
    asked = place.azure.counts[GRAPH]
    assert not await place.worker(Shared()).once()
    assert (messages(place), place.azure.counts[GRAPH]) == ([], asked)
    place.forward(timedelta(seconds=NOT_ALLOWED_SECONDS + 1))
    assert await place.workers[0].once()
    assert len(messages(place)) == 1


async def test_a_part_of_the_fleet_is_read_again_before_it_counts(place: Place) -> None:
    """What protects it was not read, so that the new VM may well be protected."""
    worker = place.workers[0]
    for _ in range(PARTIAL_TRIES):
        throttled(place.azure, 1)
        assert not await worker.once()
        assert not await worker.once(), "it waits"
        place.forward(timedelta(seconds=PARTIAL_PAUSE_SECONDS + 1))
    place.azure.faults.clear()
    assert await worker.once()
    assert len(messages(place)) == 1


async def test_what_another_version_remembered_is_not_told_as_new(place: Place) -> None:
    async with place.database.connection() as connection:
        await connection.execute("UPDATE fleet_seen SET seen = '{\"other\": 1}'")
    assert await place.workers[0].once()
    [message] = messages(place)
    assert "1 VM changed" in message["text"]
    assert "new-01" in message["text"]


# --- the message ------------------------------------------------------------------------------


def a_move(number: int) -> MoveEffect:
    pricer = Pricer(shipped_book(), "USD", MONDAY.date())
    [move] = price_moves((a_price("0.06"),), pricer)
    named = move.now.meter._replace(meter=f"<!here> {number}")
    return MoveEffect(
        PriceMove(move.before, move.now._replace(meter=named)), Decimal(9), Decimal(12), 3
    )


def test_a_digest_of_any_size_and_any_names_is_within_slacks_limits() -> None:
    evil = seen("<!channel> *" + "x" * 300, "unprotected", group="<@U1>" * 30)
    change = VmChange(evil, (ChangeKind.APPEARED,), ("y" * 900,) * 3, Decimal("3.5"))
    moved = BillMoved(tuple(map(a_move, range(9))), Decimal(100), Decimal(181), {})
    digest = Digest((change,) * 400, moved, MONDAY, ["<!everyone> vaults: 429"] * 40, "USD")
    card = digest_card(digest)
    assert problems(card.as_dict()) == []
    assert "<!" not in card.text
    assert f"And {400 - VMS_SHOWN} more VMs: 394 new here and not protected." in str(card.blocks)
    assert "And 6 more prices." in str(card.blocks)
    assert "By all prices together protection costs 181 USD a month today, 100 USD before." in str(
        card.blocks
    )
    assert "Not read this time, so that nothing is said of it: " in str(card.blocks)
    assert card.public


def test_what_is_remembered_comes_back_as_it_was() -> None:
    vm = seen(unique_id="u", lost_hours={"region": Decimal("0.08")})
    assert recalled({vm.key: vm_as_stored(vm)}).vms == {vm.key: vm}
    assert recalled({"k": {"vm_id": "x"}}).unreadable == {"k"}
    assert recalled_prices([{"nothing": 1}]) == ()


# --- when and where ---------------------------------------------------------------------------


@given(
    st.integers(0, 6),
    st.integers(0, 23),
    st.integers(0, 2 * 365 * 24 * 60),
)
def test_a_digest_is_due_once_a_week_at_its_hour(weekday: int, hour: int, minutes: int) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    slot = last_slot(WeeklyDigestRule(channel="C1", weekday=weekday, hour_utc=hour), now)
    assert slot <= now < slot + WEEK
    assert (slot.weekday(), slot.hour, slot.minute) == (weekday, hour, 0)


def test_the_settings_say_where_and_when(tmp_path: Path) -> None:
    file = tmp_path / "vmbackup.toml"
    file.write_text('[fleet]\ndigest_channel = "C01OPS"\ndigest_weekday = "Friday"\n')
    rules = load_rules(file, action_facts())
    assert rules.fleet_digest == WeeklyDigestRule(channel="C01OPS", weekday=4, hour_utc=7)
    file.write_text("[fleet]\ndigest_hour = 9\n")
    assert load_rules(file, action_facts()).fleet_digest is None
    file.write_text('[fleet]\ndigest_weekday = "someday"\n')
    with pytest.raises(SettingsUnreadable, match="is no day of the week"):
        load_rules(file, action_facts())
