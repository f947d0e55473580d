"""The doctor, put together: the settings, and the connections that it asks over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from advisor.azure.access import AzureAccess
from advisor.azure.connection import AzureConnection
from advisor.azure.graph import AzureScope
from advisor.errors import SettingsUnreadable
from bot.azure.azure_roles import azure_roles
from bot.composition.actions import action_facts
from bot.composition.command import read_rules
from bot.composition.process import ProcessPart
from bot.composition.request_parts import people_of
from bot.composition.slack_app import web_client
from bot.doctor import checks, rules_checks
from bot.doctor.finding import Check, CheckAnswer, Diagnosis, Examined, Row
from bot.doctor.report import secrets_of
from bot.doctor.surroundings import Surroundings
from bot.requests.approval.rules import RequestRules
from bot.settings import Settings, read_settings, read_settings_without_slack
from bot.slack.calls import Calls


class Asked(NamedTuple):
    """What the command line says: which part of the bot is examined, and by which file."""

    settings_file: str | None
    over_http: bool
    only: ProcessPart | None


async def examined(asked: Asked) -> tuple[Examined, tuple[str, ...]]:
    """What was found, and the secrets that are not to be shown."""
    try:
        settings, problem = read_settings(), ""
    except SettingsUnreadable as error:
        problem = str(error)
        try:
            settings = read_settings_without_slack()
        except SettingsUnreadable:
            return _only_the_settings(problem), ()
    try:
        async with _surroundings(asked, settings, problem) as around:
            return await checks.examine(around), secrets_of(settings)
    except SettingsUnreadable as error:  # what signs in to Azure is no setting of the bot's own
        return _only_the_settings(str(error)), secrets_of(settings)


def _only_the_settings(problem: str) -> Examined:
    """Nothing else can be asked without settings."""
    check = Check("settings", "the environment is read", rules_checks.settings)
    to_do = "docs/settings.md has every variable. The other checks follow once they can be read."
    return Examined((Row(check, CheckAnswer(Diagnosis.NO, problem, to_do)),))


@asynccontextmanager
async def _surroundings(
    asked: Asked, settings: Settings, problem: str
) -> AsyncIterator[Surroundings]:
    rules, rules_problem = _rules(asked.settings_file)
    client = web_client(settings)
    app = settings.app_token
    connection = AzureConnection(
        base_url=settings.azure_url, allow_plain_http=settings.azure_is_local
    )
    scope = AzureScope(
        subscriptions=settings.subscriptions, management_groups=settings.management_groups
    )
    async with connection:
        yield Surroundings(
            settings=settings,
            settings_problem=problem,
            rules=rules,
            rules_problem=rules_problem,
            slack=Calls(client),
            slack_app=Calls(client, token=app.get_secret_value()) if app else None,
            people=people_of(client),
            azure=AzureAccess(connection, scope),
            roles=azure_roles(action_facts()),
            over_http=asked.over_http,
            listens=asked.only is not ProcessPart.WORKER,
            works=asked.only is not ProcessPart.LISTENER,
        )


def _rules(settings_file: str | None) -> tuple[RequestRules | None, str]:
    if settings_file is not None and not Path(settings_file).exists():
        return None, f"There is no file {settings_file}."
    try:
        return read_rules(settings_file), ""
    except SettingsUnreadable as error:
        return None, str(error)
