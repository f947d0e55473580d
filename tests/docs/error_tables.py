"""The tables of docs/errors.md: every error as people read it, made from the code that says it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    DatabaseInUse,
    DatabaseUnreachable,
    DatabaseUnusable,
    InputUnreadable,
    NotReady,
    NotSignedIn,
    PriceAmbiguous,
    PriceError,
    PriceMissing,
    SettingsUnreadable,
    SlackRefused,
    UsageError,
    VmAmbiguous,
    VmbackupError,
    VmNotFound,
)
from bot.azure.documented import rows
from bot.azure.refusals import RefusedForGood, RefusedForNow, ReplyLost
from bot.commands.advising import AdviceNotFound
from bot.commands.command import OnlyAdvises, WordsUnreadable
from bot.commands.requesting import FormNotOpened
from bot.errors import explained
from bot.messages.advice_told import AdviceUnreadable
from bot.requests.approval.rulings import SENTENCES
from bot.requests.refusals import NotAllowed, PlanRefused
from bot.slack.inbound.single_instance import REFUSAL, UNKNOWN, AnotherInstance
from tests.docs.markdown import Row, Tables, table
from tests.docs.raised import sentences

_IDS = tuple(f"/subscriptions/6f1d…/resourceGroups/rg-{each}/providers/…/app-01" for each in "ab")
#: One of each family that has words of its own around what is filled in.
EXAMPLES: tuple[VmbackupError, ...] = (
    UsageError("“soon” is not a duration. Write it like 15min, 4h or 7d."),
    WordsUnreadable("advise", "There is no flag --rpoo."),
    VmNotFound("web-1", ("web-01", "web-02")),
    VmAmbiguous("app-01", _IDS),
    InputUnreadable("vms.json", "$[3].storageProfile", "it is not an object."),
    SettingsUnreadable("vmbackup.toml", "requests.rules.0.channel", "“#ops” is no channel's id"),
    AzureRefused("the VMs", "AuthorizationFailed.", "Microsoft.Compute/virtualMachines/read"),
    NotSignedIn("the VMs", "401 ExpiredAuthenticationToken."),
    AzureUnreachable("the VMs", "no answer within 30 s."),
    NotReady("1 thing is wrong. Mend the first one, and ask again."),
    PriceMissing("LRS Snapshots", "No price of LRS Snapshots in westeurope is known."),
)
#: These say sentences of their own, which stand in the other tables.
IN_OTHER_TABLES: tuple[type[VmbackupError], ...] = (
    AdviceNotFound,
    AdviceUnreadable,
    DatabaseInUse,
    DatabaseUnreachable,
    DatabaseUnusable,
    FormNotOpened,
    RefusedForNow,
    ReplyLost,
    RefusedForGood,
    NotAllowed,
    OnlyAdvises,
    PlanRefused,
    PriceAmbiguous,
    PriceError,
    SlackRefused,
    AnotherInstance,
)


def _families() -> str:
    head = ("Error", "Exit code", "In the terminal", "In Slack")
    return table(head, map(_family, EXAMPLES))


def _family(error: VmbackupError) -> Row:
    in_slack = html.unescape(explained(error).text)
    return type(error).__name__, str(error.exit_code), _literal(str(error)), _literal(in_slack)


def _rulings() -> str:
    shown = ((str(reason), sentence) for reason, sentence in SENTENCES.items())
    return table(("Answer", "What is read"), shown)


def _azure() -> str:
    shown = ((f"`{row.code}`", row.sentence, row.then) for row in rows())
    return table(("Azure's code", "What is read", "And then"), shown)


def _said_by(*classes: type[VmbackupError] | str) -> Callable[[], str]:
    names = [each if isinstance(each, str) else each.__name__ for each in classes]

    def made() -> str:
        return table(("What is read",), ((_literal(said),) for said in sentences(*names)))

    return made


def _of_the_bot() -> str:
    return table(("What is read",), ((_literal(said),) for said in _bots_own()))


def _bots_own() -> Iterator[str]:
    yield from (REFUSAL, UNKNOWN)
    yield from sentences(
        *(each.__name__ for each in (SlackRefused, OnlyAdvises, NotAllowed, FormNotOpened)),
        *(each.__name__ for each in (AdviceNotFound, AdviceUnreadable)),
    )


def _literal(text: str) -> str:
    """What Markdown would take for a tag is shown as it is."""
    return text.replace("<", "&lt;")


TABLES: Tables = {
    "families": _families,
    "rulings": _rulings,
    "plans": _said_by(PlanRefused, "Refused"),
    "azure": _azure,
    "acts": _said_by(RefusedForGood, RefusedForNow),
    "words": _said_by(UsageError, WordsUnreadable),
    "database": _said_by(DatabaseUnusable, DatabaseInUse, DatabaseUnreachable),
    "bot": _of_the_bot,
}
