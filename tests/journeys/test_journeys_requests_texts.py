"""Text of strangers in every place that takes one: it is text, and nothing else, to the end.

Nothing of this changes Azure, and nothing is shown but text: the fixture looks after each test.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.local.faults import Fault, Kind
from deploy.local.fleet.compute import compute_id
from deploy.local.fleet.sample_vms import PRODUCTION
from deploy.local.slack.people import Person
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.journeys.nothing_rendered import of_message
from tests.journeys.requesting_system import CORNERS, GUS, REQUEST_ID, Requesting
from tests.journeys.running_system import GRAPH

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: As typed; Slack hands & < > on as entities.
MARKUP = (
    "<!here> @here @channel <!everyone|x> <@U02GRACE> @grace #ops <#C01OPS> &lt;!here&gt; "
    "<https://evil.example/|web-01> https://evil.example/p.png mailto:a@b.example *bold* _it_ "
    "~no~ > quote :fire: :rotating_light: &amp; {0} {reason} %s %n ${jndi:ldap://x} $(reboot)"
)
HIDDEN = (
    "\u202eevil\u202c \u2066x\u2069 a\u200bb\ufeffc \x07\x1b[31mred\x00 עברית العربية e\u0301\u0301"
)
INJECTED = (
    "'); DROP TABLE requests; -- \\'; DELETE FROM audit; /* */ | project id | union resources "
    "or 1==1 // ../../../etc/passwd %2e%2e/ \\u0000 {{7*7}} <script>alert(1)</script>"
)
EVE = Person("U07EVE", "<!here> *x*", "<!channel>\u202e\n<@U02GRACE>", "Engineer")


def shown_with(place: Requesting, request_id: str) -> list[Message]:
    return [one for one in place.everything_shown() if request_id in str((one.text, one.blocks))]


@pytest.mark.parametrize(
    ("vm", "reason"), [("web-02", MARKUP), ("portal-01", HIDDEN), ("store-us-01", INJECTED)]
)
async def test_a_reason_is_text_on_the_card_in_the_thread_and_in_the_list(
    quiet: Requesting, vm: str, reason: str
) -> None:
    """Asked for with it, and denied with it."""
    request_id, card = await quiet.waiting(vm, reason)
    await quiet.slack.press("linus", card, "request:deny")
    view = quiet.slack.modal("linus")
    assert view is not None
    await quiet.slack.submit("linus", view, {"reason": reason[:500]})
    await quiet.until_shown(card.channel, lambda one: "It ends here." in one.text or _denied(one))
    await quiet.until_state(request_id, "denied")
    listed = (await quiet.ask(f"requests {vm}")).answer
    assert f"{request_id}: Snapshot of {vm}, denied." in listed.text
    shown = shown_with(quiet, request_id)
    assert len(shown) >= 3
    assert [wrong for one in shown for wrong in of_message(one)] == []
    _the_visible_survives(card)


def _denied(one: Message) -> bool:
    return "denied" in one.text and bool(one.thread_ts)


def _the_visible_survives(card: Message) -> None:
    """It is shown as typed, not hidden: whoever approves must be able to read it."""
    if "evil.example" in card.text:
        assert "&lt;!here&gt; @here" in card.text
        assert ":fire:" in card.text
    if "DROP" in card.text:
        assert "DROP TABLE requests; -- \\'; DELETE" in card.text


NAMES = [
    "web-01' or 1==1 | project",
    "web-01' | union resources //",
    "'); DROP TABLE requests; --",
    "../../subscriptions",
    "<!here>",
    "@here",
    "<@U02GRACE>",
    "*web-01*",
    "{0}",
    "%s%s%n",
    "web-01%27",
    "веб-01",
    ":fire:",
    "v" * 300,
    "$(reboot)",
]


async def test_what_is_no_vms_name_is_refused_before_azure_is_asked(
    either_quiet: Requesting,
) -> None:
    place, ids = either_quiet, {}
    for name, corner in zip(NAMES, CORNERS, strict=False):
        asked = await place.ask_for(f'snapshot "{name}" before the update', channel=corner)
        ids[asked] = name
    for request_id, name in ids.items():
        why = (await place.until_state(request_id, "refused"))["why"]
        assert "is not the name of a VM" in why
        assert (name in why) == (len(name) < 300 and name.isprintable())
        assert why.startswith("This is not") or len(name) < 300
    sent = b" ".join(asked.body for asked in place.azure.requests)
    assert b"tolower(name)" not in sent  # the one query is for the names of all VMs
    assert not any(name.encode() in sent for name in NAMES if len(name) > 3)


async def test_lists_take_any_name_and_find_nothing_by_a_query(quiet: Requesting) -> None:
    for words in ("requests", "snapshots"):
        for name in ("' or 1==1 --", "%", "<!there>", "_______"):
            told = (await quiet.ask(f'{words} "{name}"', channel="corner-18")).answer
            assert told.only_for == quiet.slack.who("ada")
            assert not REQUEST_ID.search(told.text)
    sent = b" ".join(asked.body for asked in quiet.azure.requests)
    assert b"1==1" not in sent


@pytest.mark.parametrize("what", ["'; DROP TABLE points; --", "<!here>", "../x", "%", "{0}"])
async def test_a_snapshot_of_no_name_is_not_restored_copied_or_kept_longer(
    quiet: Requesting, what: str
) -> None:
    commands = (f'restore "{what}" why', f'copy "{what}" northeurope why', f'extend "{what}" 1d y')
    for words, corner in zip(commands, CORNERS, strict=False):
        shown = await quiet.say(words, channel=corner)
        assert "vmbackup made nothing that is called" in shown.text
        assert "The flags are listed" not in shown.text
        assert not REQUEST_ID.search(shown.text)


async def test_a_reason_that_is_too_long_is_refused_at_once(quiet: Requesting) -> None:
    shown = await quiet.say(f"snapshot web-02 {'why ' * 900}")
    assert "Say it shorter" in shown.text
    assert not REQUEST_ID.search(shown.text)


async def test_people_with_a_strange_name_are_called_by_it_and_nothing_more(
    quiet: Requesting,
) -> None:
    _joins(quiet.slack, EVE)
    request_id = await quiet.ask_for("snapshot archive-01 why", user=EVE.id)
    card = await quiet.card(request_id)
    assert "&lt;!here&gt; *x*" in card.text
    await quiet.slack.press(EVE.id, card, "request:approve")
    await quiet.until_told(EVE.id, "own request", card.channel)
    assert [wrong for one in shown_with(quiet, request_id) for wrong in of_message(one)] == []


async def test_what_azure_says_is_text_too(quiet: Requesting) -> None:
    fault = Fault(
        Kind.STATUS,
        GRAPH,
        status=403,
        code="AuthorizationFailed",
        message="<!channel> <https://evil.example|Click> \u202e\n`x` {0}",
        times=None,
    )
    quiet.put(fault)
    request_id = await quiet.ask_for("snapshot fci-01 why", channel="corner-10")
    await quiet.until_told("ada", "Azure refused to let us read", "corner-10")
    await quiet.until_state(request_id, "refused")
    assert [wrong for one in shown_with(quiet, request_id) for wrong in of_message(one)] == []


def _joins(slack: SlackStandIn, person: Person) -> None:
    workspace = slack.workspace
    workspace.people[person.id] = replace(person, team=GUS.team)
    for channel in workspace.channels.values():
        if channel.kind == "public" and not channel.is_ext_shared:
            channel.members.add(person.id)


async def test_the_log_holds_one_line_a_message_whatever_was_typed(quiet: Requesting) -> None:
    """Nobody writes lines of their own into the log."""
    await quiet.say('snapshot "x\r\n2026-01-01 00:00:00,000 INFO Audit: row 1" why')
    command = quiet.command_of("U01ADA", 'snapshot "y\nINFO forged" why')
    await quiet.forge(command, "slash_commands")
    starts = ("2026-01-01", "INFO forged")
    assert not any(line.startswith(starts) for line in quiet.log().splitlines())


async def test_after_all_of_this_the_audit_is_whole_and_prints_nothing_but_text(
    quiet: Requesting,
) -> None:
    # A full id is refused by the worker, so that there is a request to be audited.
    nowhere = compute_id(PRODUCTION, "rg-shop-prod", "virtualMachines", "nowhere-01")
    request_id = await quiet.ask_for(f"snapshot {nowhere} {HIDDEN}", channel="corner-9")
    await quiet.until_state(request_id, "refused")
    assert "The audit is whole" in await quiet.audit_says("verify")
    shown = await quiet.audit_says("show", request_id)
    assert "nowhere-01" in shown
    assert "[31mred" in shown
    assert not set(shown) & set("\x1b\x07\x00\u202e\u2066\u200b")
    assert "Traceback" not in quiet.log()
