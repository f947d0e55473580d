"""The facts of a channel that decide whether cards are posted and decisions taken there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel, of the shape of `bot.requests.approval.people.ChannelFacts`.

    A private one that the bot is not in does not exist for it.
    """

    channel_id: str
    name: str = ""
    exists: bool
    is_member: bool = False  #: the bot is in it
    is_ext_shared: bool = False  #: with another organisation, or one has been invited
    is_archived: bool = False
    is_private: bool = False


def no_such_channel(channel_id: str) -> Channel:
    """The facts of a channel that Slack does not find."""
    return Channel(channel_id=channel_id, exists=False)


def channel_of(said: Any, channel_id: str) -> Channel | None:
    """From the `channel` of conversations.info; None where it does not say what is needed."""
    if not isinstance(said, dict) or said.get("id") != channel_id:
        return None
    is_direct = said.get("is_im") is True
    needed = ("is_archived",) if is_direct else ("is_archived", "is_member", "is_ext_shared")
    if not all(isinstance(said.get(name), bool) for name in needed):
        return None
    return Channel(
        channel_id=channel_id,
        name=str(said.get("name", "")),
        exists=True,
        is_member=is_direct or said["is_member"],
        is_ext_shared=_is_shared_outside(said) or _is_invited(said),
        is_archived=said["is_archived"],
        is_private=is_direct or said.get("is_private") is True,
    )


def _is_shared_outside(said: dict[str, Any]) -> bool:
    """`is_shared` is also true of a channel that the workspaces of one organisation share."""
    in_one_organisation = said.get("is_org_shared") is True
    others = said.get("is_shared") is True and not in_one_organisation
    return said.get("is_ext_shared") is True or others


def _is_invited(said: dict[str, Any]) -> bool:
    """An invited organisation reads what was posted before it accepted, so an invitation counts."""
    return said.get("is_pending_ext_shared") is True or bool(said.get("pending_connected_team_ids"))
