"""Slack: the tokens, the scopes, the signing secret, and the channels that rules name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

from advisor.words import capital, listed
from bot.commands.manifest import SCOPES
from bot.doctor.finding import CheckAnswer, Diagnosis, no, unknown, yes
from bot.doctor.surroundings import Surroundings
from bot.requests.approval.public_answers import may_be_public
from bot.slack.answers import BAD_TOKEN, OURS
from bot.slack.calls import CallAnswer, CallOutcome

#: Slack shows a signing secret as 32 hexadecimal digits (Basic Information, 2026-06).
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_REACH = "Let this machine reach Slack on port 443, through HTTPS_PROXY where there is a proxy."
_AGAIN = "Ask again in a minute; status.slack.com says whether Slack is away."


async def bot_token(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether Slack takes the bot token."""
    if not around.settings.bot_token.get_secret_value():
        return unknown(f"No bot token can be read. {capital(around.settings_problem)}")
    answer = await around.slack.read("auth.test")
    if (date := answer.headers.get("date")) is not None:
        _note_clock(around, date)
    if answer.done:
        return yes(f"Slack knows it: {answer.body.get('user')} in {answer.body.get('team')}.")
    return _refused(answer, "SLACK_BOT_TOKEN")


async def scopes(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the installed app has every scope of the manifest."""
    if not around.settings.bot_token.get_secret_value():
        return unknown("There is no bot token that could be asked.")
    answer = await around.slack.read("auth.test")
    if not answer.done:
        return unknown(f"Slack does not say it: {answer.why}.", _to_do(answer))
    named = answer.headers.get("x-oauth-scopes")
    if named is None:
        return unknown("Slack's answer has no header x-oauth-scopes.")
    has = {each.strip() for each in named.split(",")}
    if lacks := [scope for scope in SCOPES if scope not in has]:
        what = listed([f"{scope} ({SCOPES[scope]})" for scope in lacks], "and")
        to_do = "Put deploy/slack/manifest.yaml into the app's manifest and install the app again."
        return no(f"The app lacks {what}.", to_do, lacks)
    return yes(f"It has all {len(SCOPES)}.")


async def app_token(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether Slack would open a connection for the app-level token."""
    if around.slack_app is None:
        to_do = "Set SLACK_APP_TOKEN to an app-level token (xapp-…) with connections:write."
        return no("SLACK_APP_TOKEN is not set, or is no app-level token.", to_do)
    answer = await around.slack_app.read("apps.connections.open")
    if answer.done:
        return yes("Slack gives it an address to connect to; it was not used.")
    return _refused(answer, "SLACK_APP_TOKEN")


async def signing_secret(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the secret looks like one: only a delivery of Slack's can prove it."""
    secret = around.settings.signing_secret
    if secret is None:
        to_do = "Set SLACK_SIGNING_SECRET to the app's Signing Secret (Basic Information)."
        return no("SLACK_SIGNING_SECRET is not set, and the bot is served over HTTP.", to_do)
    if not _SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        to_do = "Copy the Signing Secret anew: it has 32 digits from 0 to 9 and a to f."
        return no("SLACK_SIGNING_SECRET is no signing secret of Slack.", to_do)
    return yes("It has the shape of one; only a delivery of Slack proves that it is the app's.")


async def channels(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the bot is in every channel that the settings name."""
    if around.rules is None:
        return unknown(f"The settings file cannot be read: {around.rules_problem}")
    named = dict(_channels(around))
    if not named:
        return yes("No rule names a channel.")
    return [await _channel(around, each, where) for each, where in named.items()]


async def weekly_digest(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the digest's channel has the bot in it, and may read about VMs."""
    if around.rules is None:
        return unknown(f"The settings file cannot be read: {around.rules_problem}")
    rule = around.rules.fleet_digest
    if rule is None:
        return yes("No channel is to hear of changes in the fleet.")
    there = await _channel(around, rule.channel, "of fleet.digest_channel")
    if there.answer is not Diagnosis.YES:
        return [there]
    facts = await around.people.channel(rule.channel)
    if not may_be_public(rule.channel, facts, around.rules).allowed:
        to_do = "Name another one in [fleet], or this one in [channels] public."
        return no(f"{rule.channel} is shared with another company: no digest is posted.", to_do)
    return [there]


async def _channel(around: Surroundings, channel_id: str, where: str) -> CheckAnswer:
    facts = await around.people.channel(channel_id)
    shown = f"{channel_id} ({where})"
    if facts is None:
        return CheckAnswer(Diagnosis.UNKNOWN, f"Slack does not say anything of {shown}.", _AGAIN)
    if not facts.exists:
        to_do = "Correct the id in the settings file, or invite the bot where it is private."
        return CheckAnswer(
            Diagnosis.NO, f"There is no channel {shown}, or the bot is not in it.", to_do
        )
    named = f"#{facts.name}, {shown}"
    if facts.is_archived:
        return CheckAnswer(Diagnosis.NO, f"{named} is archived.", "Name another channel.")
    if not facts.is_member:
        to_do = f"Type /invite @vmbackup in #{facts.name}."
        return CheckAnswer(Diagnosis.NO, f"The bot is not in {named}.", to_do)
    return CheckAnswer(Diagnosis.YES, f"The bot is in {named}.")


def _channels(around: Surroundings) -> Iterator[tuple[str, str]]:
    assert around.rules is not None
    for rule in around.rules.rules:
        yield rule.channel, f"of the rule “{rule.name}”"
    if around.rules.break_glass is not None:
        yield around.rules.break_glass.channel, "of break_glass"
        yield around.rules.break_glass.escalate_to, "of break_glass, escalate_to"


def _refused(answer: CallAnswer, variable: str) -> Sequence[CheckAnswer]:
    if answer.error in BAD_TOKEN:
        to_do = f"Copy {variable} anew from the app's settings."
        return no(f"Slack says {answer.error} to what {variable} holds.", to_do)
    if answer.error in OURS:
        to_do = "Compare the app with deploy/slack/manifest.yaml and install it again."
        return no(f"Slack refuses the app: {answer.error}.", to_do)
    return unknown(f"Slack does not say it: {answer.why}.", _to_do(answer))


def _to_do(answer: CallAnswer) -> str:
    return _REACH if answer.outcome is CallOutcome.NOT_SENT else _AGAIN


def _note_clock(around: Surroundings, date: str) -> None:
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return
    around.clock_differences_seconds["Slack"] = time.time() - theirs
