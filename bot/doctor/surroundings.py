"""What the doctor asks: the settings, and the open ways to Slack and Azure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from advisor.azure.access import AzureAccess
    from bot.azure.azure_roles import AzureRole
    from bot.requests.approval.rules import RequestRules
    from bot.slack.calls import Calls
    from bot.slack.people import People


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`settings` are without Slack's tokens where they were wrong: `settings_problem` says how.

    `listens` and `works`: which part of the bot is examined; both for the whole.
    """

    settings: Settings
    settings_problem: str
    rules: RequestRules | None  #: None: the settings file cannot be read, as `rules_problem` says
    rules_problem: str
    slack: Calls
    slack_app: Calls | None  #: with the app-level token
    people: People
    azure: AzureAccess
    roles: Sequence[AzureRole]
    over_http: bool = False
    listens: bool = True
    works: bool = True
    clock_differences_seconds: dict[str, float] = field(default_factory=dict)  #: noted on the way
