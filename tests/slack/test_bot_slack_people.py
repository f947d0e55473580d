"""Who somebody is, who is in a group and what a channel is, read over the wire from Slack."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.requests.approval.people import ChannelFacts, Person, SlackThrottled
from bot.slack.calls import Calls
from bot.slack.channels import Channel, channel_of
from bot.slack.people import People, person_of
from bot.slack.remembered import FRESH_SECONDS
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import (
    ADA,
    APPROVERS,
    BOT,
    DENNIS,
    GRACE,
    LINUS,
    OLU,
    SLACKBOT,
    TEAM,
)
from deploy.local.slack.people import Channel as PlayedChannel
from deploy.local.slack.people import Person as PlayedPerson
from deploy.local.slack.standin import SlackStandIn

GUEST = PlayedPerson("U09GUEST", "gil", "Gil Guest", is_guest=True)


class Clock:
    """Seconds that a test moves; each look is a little later than the one before."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        self.seconds += 0.001
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(calls: Calls, clock: Clock) -> People:
    return People(calls, clock=clock)


# --- people ---------------------------------------------------------------------------------


async def test_a_colleague_is_read_as_an_ordinary_person(people: People) -> None:
    assert await people.person(ADA.id) == Person(team_id=TEAM.id, user_id=ADA.id, name="ada")


@pytest.mark.parametrize(
    ("played", "what"),
    [
        (DENNIS, "is_deleted"),
        (OLU, "is_stranger"),
        (BOT, "is_bot"),
        (SLACKBOT, "is_bot"),
        (GUEST, "is_guest"),
    ],
)
async def test_what_bars_somebody_is_read(
    slack: SlackStandIn, people: People, played: PlayedPerson, what: str
) -> None:
    slack.workspace.people[played.id] = played
    person = await people.person(played.id)
    assert person is not None
    flags = {name: getattr(person, name) for name in BARS}
    assert flags == {name: name == what for name in BARS}


BARS = ("is_deleted", "is_stranger", "is_bot", "is_guest")


async def test_somebody_unknown_to_slack_cannot_be_read(people: People) -> None:
    assert await people.person("U0NOBODY") is None


async def test_without_knowing_our_own_workspace_nobody_can_be_read(
    slack: SlackStandIn, people: People
) -> None:
    slack.faults.add(Fault(Kind.STATUS, "auth.test", status=503))
    assert await people.person(ADA.id) is None
    assert await people.person(ADA.id) is not None


def user_of(**changes: Any) -> dict[str, Any]:
    return ADA.as_user() | changes


def test_a_colleague_with_another_home_in_the_same_organisation_is_no_stranger() -> None:
    """In an Enterprise Grid users.info names the home team, and all teams beside."""
    grid = {"team_id": "T0ELSEWHERE", "enterprise_user": {"teams": ["T0ELSEWHERE", TEAM.id]}}
    assert not person_of(user_of(**grid), TEAM.id, ADA.id).is_stranger
    grid["enterprise_user"] = {"teams": ["T0ELSEWHERE"]}
    assert person_of(user_of(**grid), TEAM.id, ADA.id).is_stranger


@pytest.mark.parametrize("name", ["is_bot", "is_restricted", "is_ultra_restricted", "deleted"])
def test_a_user_without_what_must_be_known_has_an_unknown_shape(name: str) -> None:
    without = {key: value for key, value in user_of().items() if key != name}
    with pytest.raises(KeyError):
        person_of(without, TEAM.id, ADA.id)
    with pytest.raises(TypeError):
        person_of(user_of(**{name: "no"}), TEAM.id, ADA.id)


def test_the_answer_about_somebody_else_is_not_taken() -> None:
    with pytest.raises(ValueError, match="another id"):
        person_of(user_of(), TEAM.id, GRACE.id)


# --- groups ---------------------------------------------------------------------------------


async def test_a_groups_members_are_read(people: People) -> None:
    assert await people.groups([APPROVERS.id]) == {APPROVERS.id: frozenset({GRACE.id, LINUS.id})}


async def test_a_group_that_does_not_exist_is_unreadable_and_the_other_is_read(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = await people.groups([APPROVERS.id, "S0NONE"])
    assert found == {APPROVERS.id: frozenset({GRACE.id, LINUS.id}), "S0NONE": None}
    assert "usergroups.users.list could not be read (S0NONE): no_such_subteam" in caplog.text


async def test_a_workspace_without_a_paid_plan_has_unreadable_groups(
    slack: SlackStandIn, people: People
) -> None:
    slack.workspace.has_paid_plan = False
    assert await people.groups([APPROVERS.id]) == {APPROVERS.id: None}


async def test_a_disabled_group_has_no_members(slack: SlackStandIn, people: People) -> None:
    slack.workspace.groups[APPROVERS.id] = replace(APPROVERS, disabled=True)
    assert await people.groups([APPROVERS.id]) == {APPROVERS.id: frozenset()}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.STATUS, "usergroups.*", status=500),
        Fault(Kind.STATUS, "usergroups.*", status=429, retry_after="2"),
        Fault(Kind.STATUS, "usergroups.*", status=200, code="missing_scope"),
        Fault(Kind.DROP, "usergroups.*"),
        Fault(Kind.LOST, "usergroups.*"),
        Fault(Kind.CUT, "usergroups.*"),
        Fault(Kind.HANG, "usergroups.*", seconds=3),
        Fault(Kind.EXPIRED, "usergroups.*"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status} {fault.code}",
)
async def test_whatever_goes_wrong_a_group_is_unreadable_and_asked_only_once(
    slack: SlackStandIn, people: People, fault: Fault
) -> None:
    slack.faults.add(fault)
    assert await people.groups([APPROVERS.id]) == {APPROVERS.id: None}
    assert slack.counts["usergroups.users.list"] == 1


async def test_a_membership_is_kept_for_a_minute_and_not_longer(
    slack: SlackStandIn, people: People, clock: Clock
) -> None:
    await people.groups([APPROVERS.id])
    slack.set_group("ada")
    clock.seconds += 59
    assert (await people.groups([APPROVERS.id]))[APPROVERS.id] == {GRACE.id, LINUS.id}
    clock.seconds += 1
    assert (await people.groups([APPROVERS.id]))[APPROVERS.id] == {ADA.id}


async def test_a_fresh_reading_sees_who_has_just_left(slack: SlackStandIn, people: People) -> None:
    await people.groups([APPROVERS.id])
    slack.set_group("ada")
    found = await people.groups([APPROVERS.id], fresh=True)
    assert found == {APPROVERS.id: frozenset({ADA.id})}


async def test_a_fresh_reading_serves_decisions_for_ten_seconds_and_not_longer(
    slack: SlackStandIn, people: People, clock: Clock
) -> None:
    """Who leaves a group decides nothing from then on; Slack is asked six times a minute."""
    await people.groups([APPROVERS.id], fresh=True)
    slack.set_group("ada")
    clock.seconds += FRESH_SECONDS - 1
    assert (await people.groups([APPROVERS.id], fresh=True))[APPROVERS.id] == {GRACE.id, LINUS.id}
    clock.seconds += 1
    assert (await people.groups([APPROVERS.id], fresh=True))[APPROVERS.id] == {ADA.id}
    assert slack.counts["usergroups.users.list"] == 2


async def test_a_failed_reading_is_not_kept_and_does_not_bring_back_the_old_one(
    slack: SlackStandIn, people: People
) -> None:
    await people.groups([APPROVERS.id])
    slack.faults.add(Fault(Kind.STATUS, "usergroups.*", status=500))
    assert await people.groups([APPROVERS.id], fresh=True) == {APPROVERS.id: None}
    assert (await people.groups([APPROVERS.id]))[APPROVERS.id] == {GRACE.id, LINUS.id}
    assert slack.counts["usergroups.users.list"] == 3


async def test_forty_clicks_at_once_ask_slack_twice_at_most(
    slack: SlackStandIn, people: People
) -> None:
    """Slack allows 20 a minute; the second reading is for those who came during the first."""
    found = await asyncio.gather(*(people.groups([APPROVERS.id], fresh=True) for _ in range(40)))
    assert all(each == {APPROVERS.id: frozenset({GRACE.id, LINUS.id})} for each in found)
    assert slack.counts["usergroups.users.list"] <= 2


async def test_after_a_429_slack_is_left_alone_for_as_long_as_it_asked(
    slack: SlackStandIn, people: People, clock: Clock
) -> None:
    slack.faults.add(Fault(Kind.STATUS, "usergroups.*", status=429, retry_after="7"))
    for _ in range(5):
        with pytest.raises(SlackThrottled, match="for 7 s from now"):
            await people.groups([APPROVERS.id], fresh=True)
        assert await people.groups([APPROVERS.id]) == {APPROVERS.id: None}
    assert slack.counts["usergroups.users.list"] == 1
    clock.seconds += 7
    assert (await people.groups([APPROVERS.id]))[APPROVERS.id] is not None


async def test_what_is_read_never_holds_a_token_in_the_log(
    slack: SlackStandIn, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults.add(Fault(Kind.DROP, "*", times=None))
    with caplog.at_level(logging.DEBUG):
        await people.groups([APPROVERS.id])
    assert "could not be read" in caplog.text
    assert slack.bot_token not in caplog.text


# --- channels -------------------------------------------------------------------------------


async def test_a_channel_that_the_bot_is_in(people: People) -> None:
    found: ChannelFacts | None = await people.channel("C01OPS")
    assert found == Channel(channel_id="C01OPS", name="ops", exists=True, is_member=True)


async def test_a_channel_that_the_bot_is_not_in_or_may_not_see(people: People) -> None:
    random, finance = await people.channel("C02RANDOM"), await people.channel("G03FINANCE")
    assert random is not None
    assert (random.exists, random.is_member) == (True, False)
    assert finance == Channel(channel_id="G03FINANCE", exists=False)


async def test_a_private_channel_with_the_bot_is_read_with_the_manifests_scopes(
    slack: SlackStandIn, people: People
) -> None:
    slack.workspace.channels["G03FINANCE"].members.add(BOT.id)
    found = await people.channel("G03FINANCE")
    assert found is not None
    assert (found.exists, found.is_member, found.is_private) == (True, True, True)


async def test_shared_and_archived_channels_say_so(slack: SlackStandIn, people: People) -> None:
    slack.workspace.channels["C01OPS"].is_archived = True
    ops, partner = await people.channel("C01OPS"), await people.channel("C04PARTNER")
    assert ops is not None
    assert partner is not None
    assert (ops.is_archived, ops.is_ext_shared) == (True, False)
    assert (partner.is_archived, partner.is_ext_shared) == (False, True)


def test_an_invited_organisation_counts_as_one_that_shares_the_channel() -> None:
    said = PlayedChannel("C1", "x", {BOT.id}).as_conversation()
    found = channel_of(said | {"is_pending_ext_shared": True}, "C1")
    assert found is not None
    assert found.is_ext_shared


@pytest.mark.parametrize("name", ["is_ext_shared", "is_archived", "is_member"])
def test_a_channel_that_does_not_say_what_must_be_known_is_unreadable(name: str) -> None:
    said = PlayedChannel("C1", "x", {BOT.id}).as_conversation()
    assert channel_of(said, "C1") is not None
    assert channel_of({key: value for key, value in said.items() if key != name}, "C1") is None


async def test_a_channel_is_unreadable_without_the_scope_and_when_slack_is_away(
    slack: SlackStandIn, people: People
) -> None:
    slack.faults.add(Fault(Kind.FORBIDDEN, "conversations.info"))
    assert await people.channel("C01OPS") is None
    slack.faults.add(Fault(Kind.STATUS, "conversations.info", status=503))
    assert await people.channel("C01OPS") is None
    assert await people.channel("C01OPS") is not None


async def test_a_slack_that_is_not_there_at_all_leaves_everything_unknown() -> None:
    nowhere = AsyncWebClient("xoxb-1", base_url="http://127.0.0.1:1/api/")
    people = People(Calls(nowhere, timeout_seconds=1.0))
    assert await people.person(ADA.id) is None
    assert await people.channel("C01OPS") is None
    assert await people.groups([APPROVERS.id]) == {APPROVERS.id: None}
