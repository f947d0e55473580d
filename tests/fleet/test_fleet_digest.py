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
from advisor.fleet.changes import Basis, ChangeKind, FleetNow, VmChange, vm_changes
from advisor.fleet.price_moves import (
    NO_MOVE,
    BillMoved,
    MoveEffect,
    PriceMove,
    SeenPrice,
    kept_prices,
    price_moves,
)
from advisor.fleet.seen import SeenVm, remembered
from advisor.model import Meter, StateNow
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from bot.commands.manifest import manifest
from bot.composition.actions import action_facts
from bot.database.fleet_digest import DigestStore, DigestToSettle
from bot.jobs.digest_memory import recalled, recalled_prices, vm_as_stored
from bot.jobs.weekly_digest import LEASE_SECONDS, NOT_ALLOWED_SECONDS, last_slot
from bot.messages.digest_card import VMS_SHOWN, Digest, digest_card
from bot.requests.approval.rules import WeeklyDigestRule
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.rulings import Ruling, RulingReason, no
from deploy.local.faults import Fault, Kind
from deploy.local.slack.standin import SlackStandIn
from tests.bot.slack_limits import problems
from tests.databases import Served
from tests.fleet.half_year import GRAPH, PROD, SHOP, WEEK
from tests.fleet.living_fleet import Place, living, sender_of

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)
BASIS = Basis("1", "a")


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
    assert "And 15 more VMs: 15 new and not protected." in card.text
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


async def test_what_another_version_remembered_is_not_told_as_new(place: Place) -> None:
    async with place.database.connection() as connection:
        await connection.execute("UPDATE fleet_seen SET seen = '{\"other\": 1}'")
    assert await place.workers[0].once()
    [message] = messages(place)
    assert "1 VM changed" in message["text"]
    assert "new-01" in message["text"]


# --- the changes, as values -------------------------------------------------------------------


def seen(name: str = "web-01", state: str = "protected", **more: Any) -> SeenVm:
    values: dict[str, Any] = {
        "vm_id": f"/subscriptions/s/resourceGroups/g/providers/m/virtualMachines/{name}",
        "name": name,
        "group": "g",
        "region": "westeurope",
        "state": state,
        "words": "",
        "courses": ("keep",),
        "todo": "Keep Azure Backup",
        "tier": "production",
        "shape": "1 disk, 64 GB",
        "lost_hours": {"deletion": Decimal(24)},
        "asked": ("deletion",),
        "failing": (),
        "protections": ("azure-backup x",),
    }
    return SeenVm(**(values | more))


def changes(
    before: SeenVm | None,
    now: SeenVm | None,
    *,
    was_read: bool = True,
    is_whole: bool = True,
    today: Basis = BASIS,
) -> tuple[VmChange, ...]:
    vms = {now.key: now} if now else {}
    fleet = FleetNow(vms, list(vms) if was_read else [], {}, {"s"}, is_whole)
    return vm_changes({before.key: before} if before else {}, fleet, NO_MOVE, BASIS, today)


STATES = st.sampled_from([state.value for state in StateNow if state is not StateNow.UNKNOWN])


@given(STATES, STATES, st.booleans())
def test_what_was_not_read_is_never_a_change_and_is_remembered(
    was: str, is_now: str, known_before: bool
) -> None:
    before, now = seen(state=was) if known_before else None, seen(state=is_now, courses=("fix",))
    assert changes(before, now, was_read=False) == ()
    kept = remembered(before, now, was_read=False)
    assert kept == before if before else kept.state == ""


@given(STATES, STATES)
def test_a_reading_that_failed_between_two_hides_no_change(was: str, is_now: str) -> None:
    """What was remembered in between is compared as if there had been no reading."""
    before, now = seen(state=was), seen(state=is_now)
    between = remembered(before, seen(state="unprotected"), was_read=False)
    assert changes(between, now) == changes(before, now)


@given(STATES)
def test_the_same_fleet_twice_is_silent(state: str) -> None:
    assert changes(seen(state=state), seen(state=state)) == ()


def test_a_vm_is_gone_only_where_all_were_listed_and_its_subscription_was_read() -> None:
    [gone] = changes(seen(), None)
    assert gone.kinds == (ChangeKind.GONE,)
    assert changes(seen(), None, is_whole=False) == ()
    elsewhere = seen(vm_id="/subscriptions/other/resourceGroups/g/providers/m/vms/web-01")
    assert changes(elsewhere, None) == ()


def test_a_vm_that_was_moved_to_another_group_is_neither_new_nor_gone() -> None:
    before = seen(unique_id="u-1", state="unprotected")
    now = seen("web-01", "unprotected", unique_id="u-1", vm_id=before.vm_id.replace("/g/", "/h/"))
    assert changes(before, now) == ()


def test_small_steps_of_an_rpo_add_up_and_small_swings_are_silent() -> None:
    first = seen(lost_hours={"deletion": Decimal("0.08")})
    swing = first._replace(lost_hours={"deletion": Decimal("0.60")})
    assert changes(first, swing) == ()
    kept = remembered(first, swing, was_read=True)
    later = first._replace(lost_hours={"deletion": Decimal("1.10")})
    [change] = changes(kept, later)
    assert change.kinds == (ChangeKind.RPO_GREW,)
    assert "1.1 h of data may be lost (deletion), 0.08 h before" in change.said[0]
    assert changes(remembered(kept, later, was_read=True), later) == ()


def test_an_event_that_is_covered_no_more_is_told() -> None:
    [change] = changes(seen(), seen(lost_hours={}))
    assert change.said == ("deletion is not covered any more.",)


def test_the_same_advice_in_the_words_of_another_version_is_no_other_advice() -> None:
    again = seen(todo="Keep what protects it")
    assert changes(seen(), again, today=Basis("2", "a")) == ()
    [change] = changes(seen(), again)
    assert change.kinds == (ChangeKind.DECISION_FLIPPED,)
    [other] = changes(seen(), seen(courses=("add",)), today=Basis("2", "a"))
    assert "vmbackup changed, not the VM" in other.said[0]


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"tier": "development"}, "its tier is development, it was production"),
        ({"shape": "2 disks, 320 GB"}, "it has 2 disks, 320 GB, it had 1 disk, 64 GB"),
        ({"protections": ()}, "what protects it changed"),
        ({}, "nothing of it that is remembered changed"),
    ],
)
def test_another_advice_says_why(now: dict[str, Any], why: str) -> None:
    [change] = changes(seen(), seen(courses=("replace",), todo="Replace it", **now))
    assert change.said == (f"Advised now: Replace it; before: Keep Azure Backup. Why: {why}.",)


def test_a_vm_with_nothing_to_protect_is_not_told_as_unprotected() -> None:
    assert changes(None, seen(state="unprotected", courses=("nothing-to-protect",))) == ()
    [change] = changes(None, seen(state="unprotected", courses=("protect",)))
    assert change.kinds == (ChangeKind.APPEARED,)


# --- prices -----------------------------------------------------------------------------------

METER = Meter(
    "Storage", "Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots", "westeurope"
)


def a_price(amount: str, origin: str = "listed") -> SeenPrice:
    tiers = ((Decimal(0), Decimal(amount)),)
    return SeenPrice(METER, "USD", "1 GB/Month", tiers, origin, "2026-01-01")


@pytest.mark.parametrize(
    ("was", "origin", "is_moved"),
    [
        ("0.05", "listed", False),
        ("0.0497", "listed", False),
        ("0.0494", "listed", True),
        ("0.06", "agreed", True),
        ("0.06", "carried", False),
    ],
)
def test_a_price_moved_where_it_was_read_twice_and_differs_by_one_in_a_hundred(
    was: str, origin: str, is_moved: bool
) -> None:
    pricer = Pricer(shipped_book(), "USD", MONDAY.date())
    assert bool(list(price_moves([a_price(was, origin)], pricer))) is is_moved


def test_a_price_that_was_not_told_of_stays_what_it_is_compared_with() -> None:
    before, now = (a_price("0.05"),), (a_price("0.0503"),)
    assert kept_prices(before, now, ()) == before
    pricer = Pricer(shipped_book(), "USD", MONDAY.date())
    [move] = price_moves((a_price("0.06"),), pricer)
    assert kept_prices((a_price("0.06"),), now, [move]) == now
    assert kept_prices((a_price("0.06", "carried"),), now, ()) == now


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
    assert f"And {400 - VMS_SHOWN} more VMs: 394 new and not protected." in str(card.blocks)
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
