"""People, user groups and channels as the rules see them: values that somebody read from Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the workspace. `name` is for people to read and identifies nobody."""

    team_id: str
    user_id: str
    name: str = ""
    is_deleted: bool = False
    is_bot: bool = False
    is_guest: bool = False  #: single- or multi-channel guest (users.info: is_(ultra_)restricted)
    is_stranger: bool = False  #: of another workspace, here by a shared channel


#: The user ids of each user group, by its id. None, or no entry: it could not be read.
Membership = Mapping[str, frozenset[str] | None]

#: People by user id. None, or no entry: they could not be read.
People = Mapping[str, Person | None]


class ChannelFacts(Protocol):
    """What is known of a channel; whoever reads it from Slack brings a value of this shape."""

    @property
    def exists(self) -> bool: ...
    @property
    def is_member(self) -> bool: ...
    @property
    def is_ext_shared(self) -> bool: ...
    @property
    def is_archived(self) -> bool: ...
