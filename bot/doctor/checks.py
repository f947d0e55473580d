"""The table of checks, and how they are gone through."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence

from bot.doctor import (
    azure_checks,
    database_checks,
    rules_checks,
    slack_checks,
    surroundings_checks,
)
from bot.doctor.finding import Check, CheckAnswer, Examined, Row, unknown
from bot.doctor.surroundings import Surroundings

_log = logging.getLogger(__name__)

#: One that takes longer hangs; with many scopes the longest takes as many calls.
CHECK_SECONDS = 60.0

_PERMISSIONS = "GET {scope}/providers/Microsoft.Authorization/permissions; nothing is changed"
#: Each group is gone through in order; the groups side by side.
_OF_SETTINGS = (
    Check("settings", "the environment is read", rules_checks.settings),
    Check("rules", "the settings file is read", rules_checks.rules),
)
_OF_SLACK = (
    Check("slack token", "auth.test", slack_checks.bot_token),
    Check("slack scopes", "the header x-oauth-scopes of auth.test", slack_checks.scopes),
)
_SOCKET_MODE = (
    Check("slack app token", "apps.connections.open, without connecting", slack_checks.app_token),
)
_HTTP = (Check("slack signing secret", "by its shape", slack_checks.signing_secret),)
_CHANNELS = (
    Check("slack channels", "conversations.info of each", slack_checks.channels),
    Check(
        "approvers",
        "usergroups.users.list and users.info, for each rule",
        rules_checks.satisfiable,
    ),
    Check("weekly digest", "conversations.info of its channel", slack_checks.weekly_digest),
)
_OF_DATABASE = (
    Check("database", "a connection and its time", database_checks.database),
    Check("migrations", "the version that the database notes", database_checks.migrations),
)
_OF_AZURE = (
    Check("azure sign-in", "GET /subscriptions", azure_checks.sign_in),
    Check("azure reading", _PERMISSIONS, azure_checks.reading),
    Check("azure metrics", _PERMISSIONS, azure_checks.metrics, is_needed=False),
    Check("azure jobs", _PERMISSIONS, azure_checks.jobs, is_needed=False),
    Check("azure costs", _PERMISSIONS, azure_checks.costs, is_needed=False),
)
_OF_ACTIONS = (
    Check("azure snapshots", _PERMISSIONS, azure_checks.snapshots),
    Check("azure restores", _PERMISSIONS, azure_checks.restores, is_needed=False),
)
_REGION = (Check("region", "VMBACKUP_REGION against the VMs' regions", azure_checks.region, False),)
_AT_LAST = (
    Check("clocks", "the Date of the answers above", surroundings_checks.clocks),
    Check("prices", "the price book's newest day", surroundings_checks.prices, is_needed=False),
)


def checks_of(around: Surroundings) -> tuple[tuple[Check, ...], ...]:
    """The groups of checks for this part of the bot."""
    entry = _HTTP if around.over_http else _SOCKET_MODE
    slack = (*_OF_SLACK, *(entry if around.listens else ()), *_CHANNELS)
    azure = (*_OF_AZURE, *(_OF_ACTIONS if around.works else ()), *_REGION)
    return (_OF_SETTINGS, slack, _OF_DATABASE, azure)


def every_check() -> tuple[Check, ...]:
    """All rows of the table, for the documents."""
    return (
        *(*_OF_SETTINGS, *_OF_SLACK, *_SOCKET_MODE, *_HTTP, *_CHANNELS, *_OF_DATABASE),
        *(*_OF_AZURE, *_OF_ACTIONS, *_REGION, *_AT_LAST),
    )


async def examine(around: Surroundings) -> Examined:
    """Go through every check; one that fails is unknown and hinders no other."""
    groups = await asyncio.gather(*(_group(around, group) for group in checks_of(around)))
    at_last = await _group(around, _AT_LAST)
    return Examined(tuple(row for rows in (*groups, at_last) for row in rows))


async def _group(around: Surroundings, checks: Sequence[Check]) -> list[Row]:
    return [row for check in checks for row in _rows(check, await _found(around, check))]


def _rows(check: Check, found: Sequence[CheckAnswer]) -> Iterator[Row]:
    return (Row(check, finding) for finding in found)


async def _found(around: Surroundings, check: Check) -> Sequence[CheckAnswer]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check.run(around)
    except TimeoutError:
        return unknown(f"It took more than {CHECK_SECONDS:.0f} s.", "Ask again in a minute.")
    except Exception as error:  # noqa: BLE001  the boundary: the other checks are gone through
        _log.debug("The check %s broke off.", check.name, exc_info=True)
        return unknown(f"The check broke off: {type(error).__name__}.", "Report it with --json.")
