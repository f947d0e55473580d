"""People, the members of user groups, and channels: read from Slack, or unknown.

Nothing here decides. A reading that fails gives None, which the rules take for no.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.requests.approval.people import Membership, Person
from bot.slack.calls import Calls
from bot.slack.channels import Channel, channel_of, no_such_channel
from bot.slack.reads import Reads, unreadable
from bot.slack.remembered import KEPT_SECONDS, Remembered

#: conversations.members gives at most 1,000 a page (2026-06).
MEMBERS_A_PAGE, MEMBER_PAGES = 1000, 5
_SLACKBOT = "USLACKBOT"  #: users.info does not call it a bot


class People:
    """Readings of people, groups and channels, each remembered for at most a minute.

    users.info may be asked 100 times a minute, usergroups.users.list 20 times, and
    conversations.info 50 times (Slack's tiers 4, 2 and 3, 2026-06).
    """

    def __init__(
        self,
        calls: Calls,
        *,
        clock: Callable[[], float] = time.monotonic,
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self._reads = Reads(calls, clock)
        self._teams = Remembered(self._read_team, clock, float("inf"))
        self._people = Remembered(self._read_person, clock, kept_seconds)
        self._groups = Remembered(self._read_group, clock, kept_seconds)
        self._channels = Remembered(self._read_channel, clock, kept_seconds)
        self._members = Remembered(self._read_members, clock, kept_seconds)

    async def person(self, user_id: str, *, fresh: bool = False) -> Person | None:
        """The person of this id; None where Slack did not say, or knows no such id.

        Raises SlackThrottled where `fresh`: a decision can wait.
        """
        return await self._people.get(user_id, fresh=fresh)

    async def groups(self, ids: Iterable[str], *, fresh: bool = False) -> Membership:
        """The members of each user group; None for one that could not be read.

        Raises SlackThrottled where `fresh`: a decision can wait.
        """
        wanted = sorted(set(ids))
        found = await asyncio.gather(*(self._groups.get(each, fresh=fresh) for each in wanted))
        return dict(zip(wanted, found, strict=True))

    def remembered(self, user_id: str) -> Person | None:
        """The person as read within the last minute, without a call; None: not known now."""
        return self._people.remembered(user_id)

    def remembered_groups(self, ids: Iterable[str]) -> Membership:
        """The members of each group as read within the last minute; None: not known now."""
        return {each: self._groups.remembered(each) for each in ids}

    async def channel(self, channel_id: str, *, fresh: bool = False) -> Channel | None:
        """The facts of this channel; None where Slack did not say."""
        return await self._channels.get(channel_id, fresh=fresh)

    async def is_member(self, channel_id: str, user_id: str) -> bool | None:
        """Whether the person is in this channel; None where Slack did not say.

        conversations.members may be asked 100 times a minute (Slack's tier 4, 2026-06).
        """
        members = await self._members.get(channel_id)
        return None if members is None else user_id in members

    async def _read_members(self, channel_id: str) -> frozenset[str] | None:
        """All pages; None for a channel of more people than are worth reading for one message."""
        found: set[str] = set()
        cursor = ""
        for _ in range(MEMBER_PAGES):
            more = {"cursor": cursor} if cursor else {}
            body = await self._reads.body(
                "conversations.members", channel=channel_id, limit=str(MEMBERS_A_PAGE), **more
            )
            if body is None:
                return None
            members = body.get("members")
            if not isinstance(members, list):
                unreadable("conversations.members", {"channel": channel_id}, "an unknown shape")
                return None
            found.update(str(each) for each in members)
            metadata = body.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                return frozenset(found)
        return None

    async def _read_person(self, user_id: str) -> Person | None:
        if (team_id := await self._teams.get("ours")) is None:
            return None
        body = await self._reads.body("users.info", user=user_id)
        if body is None:
            return None
        try:
            return person_of(body["user"], team_id, user_id)
        except (KeyError, TypeError, ValueError) as error:
            unreadable("users.info", {"user": user_id}, f"an unknown shape, {error!r}")
            return None

    async def _read_group(self, group_id: str) -> frozenset[str] | None:
        body = await self._reads.body("usergroups.users.list", usergroup=group_id)
        if body is None:
            return None
        users = body.get("users")
        if isinstance(users, list) and all(isinstance(each, str) for each in users):
            return frozenset(users)
        unreadable("usergroups.users.list", {"usergroup": group_id}, "an unknown shape")
        return None

    async def _read_channel(self, channel_id: str) -> Channel | None:
        answer = await self._reads.ask("conversations.info", channel=channel_id)
        if answer.error == "channel_not_found":
            return no_such_channel(channel_id)
        facts = channel_of(answer.body.get("channel"), channel_id) if answer.done else None
        if facts is None:
            why = answer.why or "an unknown shape"
            unreadable("conversations.info", {"channel": channel_id}, why)
        return facts

    async def _read_team(self, _: str) -> str | None:
        body = await self._reads.body("auth.test")
        return str(body["team_id"]) if body and body.get("team_id") else None


def person_of(user: Mapping[str, Any], team_id: str, user_id: str) -> Person:
    """The person of a users.info answer, seen from the workspace `team_id`.

    Raises KeyError, TypeError or ValueError for an answer that does not say what is needed.
    """
    if user["id"] != user_id:
        raise ValueError("another id")
    is_deleted = _flag(user, "deleted")
    is_stranger = _is_stranger(user, team_id)
    # Slack leaves these out for accounts that are closed or of another workspace.
    said_less = is_deleted or is_stranger
    return Person(
        team_id=str(user["team_id"]),
        user_id=user_id,
        name=_name(user),
        is_deleted=is_deleted,
        is_bot=user_id == _SLACKBOT
        or _flag(user, "is_bot", said_less)
        or user.get("is_workflow_bot") is True,
        is_guest=_flag(user, "is_restricted", said_less)
        or _flag(user, "is_ultra_restricted", said_less),
        is_stranger=is_stranger,
    )


def _is_stranger(user: Mapping[str, Any], team_id: str) -> bool:
    """Whether they are of another organisation; in a Grid a colleague may have another team."""
    if user.get("is_stranger") is True:
        return True
    enterprise = user.get("enterprise_user") or {}
    return team_id not in (user["team_id"], *enterprise.get("teams", ()))


def _flag(user: Mapping[str, Any], name: str, may_lack: bool = False) -> bool:
    if may_lack and name not in user:
        return False
    if not isinstance(user[name], bool):
        raise TypeError(f"{name} is neither yes nor no")
    return user[name] is True


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("name"), user["id"])
    return next(str(name) for name in names if name)
