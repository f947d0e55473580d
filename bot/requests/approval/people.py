"""People, user groups and channels as the rules see them: values read from Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class SlackThrottled(Exception):
    """Slack does not say who people are before so many seconds: it was asked too often."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"Slack limits how often this bot may ask who people are: for {seconds:.0f} s from now."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person in the workspace. `name` is for people to read and identifies nobody."""

    team_id: str
    user_id: str
    name: str = ""
    is_deleted: bool = False
    is_bot: bool = False
    is_guest: bool = False  #: single- or multi-channel guest (users.info: is_(ultra_)restricted)
    is_stranger: bool = False  #: of another workspace, by a shared channel


#: The user ids of each user group, by group id. None, or no entry: the group could not be read.
Membership = Mapping[str, frozenset[str] | None]

#: People by user id. None, or no entry: the person could not be read.
People = Mapping[str, Person | None]


class ChannelFacts(Protocol):
    """The facts of a channel that the rules need, as the reader of Slack provides them."""

    @property
    def exists(self) -> bool: ...
    @property
    def is_member(self) -> bool: ...
    @property
    def is_ext_shared(self) -> bool: ...
    @property
    def is_archived(self) -> bool: ...
