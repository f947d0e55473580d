"""`/vmbackup measure`: who may have it, what it reads, and what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_limits import problems
from test_bot_bill import Everybody, Nobody, Prices

from advisor.azure.live import LiveInventory
from advisor.earlier import Earlier, with_earlier
from advisor.kept_measures import KeptMeasures
from advisor.model import RestoredFrom, RestoreMeasured
from advisor.needs import Tiers
from advisor.prices.saved import load_book
from bot.commands import TABLE
from bot.commands.command import CommandOutcome, Invocation, OnlyAdvises, Services
from bot.composition.measures import LiveMeasures, RestoresBeside
from bot.slack.inbound.slash_commands import outcome_of
from deploy.local.faults import Fault, Kind
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OWN = RestoreMeasured(
    "crm-01", True, RestoredFrom.SNAPSHOT, "a restore", "vmbackup, r-0123456789ab",
    NOW - NOW.replace(hour=11), NOW,
)  # fmt: skip


async def none_done(_: str) -> tuple[RestoreMeasured, ...]:
    return ()


async def one_done(_: str) -> tuple[RestoreMeasured, ...]:
    return (OWN,)


@pytest.fixture
async def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """The played Azure, and an inventory of it."""
    monkeypatch.setenv("VMBACKUP_CACHE_DIR", str(tmp_path))
    async with (
        running_fleet() as azure,
        LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,  # the machine may be busy
        ) as inventory,
    ):
        yield azure, inventory


async def not_kept(vm: str, found: KeptMeasures) -> None:
    """Where a test looks at the answer alone."""


def measures(inventory: LiveInventory, done: Any = none_done, keep: Any = None) -> LiveMeasures:
    assert load_book()
    return LiveMeasures(
        inventory, Prices(), Tiers(), done, lambda: datetime.now(UTC), keep or not_kept
    )


async def typed(text: str, measured: Any, audience: Any = None) -> CommandOutcome:
    services: Any = Services(
        advisor=None,  # type: ignore[arg-type]
        parse=None,  # type: ignore[arg-type]
        table=TABLE,
        audience=audience or Everybody(),
        measures=measured,
    )
    return await outcome_of(Invocation.read({"text": text, "user_id": "U1"}), services)


async def answered(text: str, measured: Any) -> Any:
    outcome = await typed(text, measured)
    assert outcome.later is not None
    answer = await outcome.later()
    assert answer is not None
    return answer.message


async def test_what_is_measured_is_told_to_whoever_asked_and_fits_into_a_message(at: Any) -> None:
    _, inventory = at
    message = await answered("measure crm-01", measures(inventory, one_done))
    assert problems(message.as_dict()) == []
    assert not message.public
    assert "the range narrowed from" in message.text
    shown = str(message.blocks)
    assert "a restore of this VM, vault rsv-weu-prod" in shown
    assert "vmbackup, r-0123456789ab" in shown


async def test_what_cannot_be_read_is_named_in_the_message(at: Any) -> None:
    azure, inventory = at
    azure.faults.add(Fault(Kind.FORBIDDEN, "BackupJobs_List", times=None))
    message = await answered("measure crm-01", measures(inventory))
    assert problems(message.as_dict()) == []
    assert "backupJobs/read" in str(message.blocks)


async def test_an_advice_takes_the_bot_s_own_restores(at: Any) -> None:
    azure, inventory = at
    known = await RestoresBeside(inventory, one_done).find("crm-01", azure.world.now)
    assert OWN in known.measured.restores
    without = await RestoresBeside(inventory, none_done).find("crm-01", azure.world.now)
    assert OWN not in without.measured.restores


async def test_what_was_measured_is_kept_for_the_next_advice(at: Any) -> None:
    azure, inventory = at
    found: dict[str, KeptMeasures] = {}

    async def keep(vm: str, one: KeptMeasures) -> None:
        found[vm] = one

    await answered("measure crm-01", measures(inventory, keep=keep))
    [(vm, kept)] = found.items()
    known = await inventory.find("crm-01", azure.world.now)
    assert vm == known.vm.key
    assert known.measured.changed is None
    told = with_earlier(known, Earlier(measured=kept), azure.world.now)
    assert kept.changed is not None
    assert told.measured.changed == kept.changed


async def test_who_may_not_ask_has_nothing_measured(at: Any) -> None:
    azure, inventory = at
    outcome = await typed("measure crm-01", measures(inventory), Nobody())
    assert outcome.later is not None
    azure.forget()
    with pytest.raises(Exception, match="may not ask"):
        await outcome.later()
    assert not azure.counts


@pytest.mark.parametrize("text", ["measure", "measure a b"])
async def test_words_that_cannot_be_read_are_answered_at_once(text: str) -> None:
    with pytest.raises(Exception, match="Name one VM"):
        await typed(text, measures(LiveInventory()))


async def test_a_bot_that_measures_nothing_says_so() -> None:
    with pytest.raises(OnlyAdvises, match="measures nothing"):
        await typed("measure web-01", None)
