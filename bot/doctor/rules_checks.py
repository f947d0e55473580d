"""The settings and the rules: can they be read, and can somebody satisfy each of them."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.words import counted
from bot.doctor.finding import CheckAnswer, Diagnosis, no, unknown, yes
from bot.doctor.surroundings import Surroundings
from bot.requests.approval.people import Membership, SlackThrottled
from bot.requests.approval.rules import Circle, Demand, RequestRules
from bot.requests.approval.who_may import unfit

#: More people than a rule needs are not asked for: users.info may be asked 100 times a minute.
_ASKED_AT_MOST = 40


async def settings(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the environment can be read."""
    if around.settings_problem:
        return no(around.settings_problem, "docs/settings.md has every variable.")
    return yes("Every variable can be read.")


async def rules(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the settings file can be read, and lets anybody request."""
    if around.rules is None:
        return no(around.rules_problem, "docs/snapshots.md has every key.")
    count = len(around.rules.rules)
    if not count or not around.rules.may:
        return yes("They let nobody request anything: the bot only advises.")
    return yes(f"{counted(count, 'rule of approval', 'rules of approval')} can be read.")


async def satisfiable(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether every rule has as many fit approvers as it demands, and one who is the requester."""
    if around.rules is None:
        return unknown(f"The settings file cannot be read: {around.rules_problem}")
    demands = [demand for rule in around.rules.rules for demand in rule.demands]
    if not demands:
        return yes("No rule demands an approval.")
    try:
        return [await _demand(around, around.rules, demand) for demand in demands]
    except SlackThrottled as error:
        return unknown(str(error), "Ask again in a minute.")


async def _demand(around: Surroundings, rules: RequestRules, demand: Demand) -> CheckAnswer:
    circle, wanted = demand.circle, demand.approvals
    words = f"The rule “{demand.rule}” wants {counted(wanted, 'approval', 'approvals')}"
    if circle.everybody:
        return CheckAnswer(Diagnosis.YES, f"{words}, of anybody.")
    groups = await around.people.groups(circle.groups)
    fit, all_asked = await _fit(around, circle, groups, wanted + 1)
    unread = ", ".join(map(rules.group_name, circle.unread(groups)))
    if fit > wanted:
        return CheckAnswer(Diagnosis.YES, f"{words}, and enough people may give it.")
    if unread or not all_asked:
        why = f"the group {unread} cannot be read" if unread else "Slack did not tell who they are"
        to_do = "Correct the group's id; user groups need a paid plan and usergroups:read."
        return CheckAnswer(Diagnosis.UNKNOWN, f"{words}, and {why}.", to_do)
    if fit == wanted:
        alone = "none of them can request what it decides, for nobody approves their own"
        return CheckAnswer(Diagnosis.YES, f"{words}, which exactly {fit} may give; {alone}.")
    to_do = "Add people to the group in Slack, or lower `approvals` of the rule."
    return CheckAnswer(Diagnosis.NO, f"{words}, which only {fit} may give.", to_do)


async def _fit(
    around: Surroundings, circle: Circle, groups: Membership, enough: int
) -> tuple[int, bool]:
    """How many people of the circle may decide, up to `enough`; and whether all were told."""
    ids = {*circle.users, *(one for members in groups.values() for one in members or ())}
    fit, all_told = 0, len(ids) <= _ASKED_AT_MOST
    for user_id in sorted(ids)[:_ASKED_AT_MOST]:
        person = await around.people.person(user_id)
        all_told = all_told and person is not None
        fit += person is not None and unfit(person) is None
        if fit >= enough:
            break
    return fit, all_told
