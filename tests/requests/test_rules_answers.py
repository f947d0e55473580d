"""Who may ask for advice, and which channels may read about VMs: `[advise]` and `[channels]`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rule_samples import ADA, ENGINEERS, GRACE, GROUPS

from advisor.errors import SettingsUnreadable
from bot.composition.actions import action_facts
from bot.requests.approval.people import Person
from bot.requests.approval.public_answers import may_be_public
from bot.requests.approval.rules import ADVISE, Circle, RequestRules
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.rulings import RulingReason
from bot.requests.approval.who_may import may_ask
from bot.slack.channels import Channel, channel_of

OURS = Channel(channel_id="C01OPS", exists=True, is_member=True)


def read(folder: Path, text: str) -> RequestRules:
    path = folder / "vmbackup.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path, action_facts())


@pytest.mark.parametrize("text", ["", "[advise]\n", "[advise]\npublic = true\n"])
def test_without_a_name_every_member_of_the_workspace_may_ask(tmp_path: Path, text: str) -> None:
    rules = read(tmp_path, text)
    assert rules.may[ADVISE.table] == Circle(everybody=True)
    assert may_ask(ADA, ADVISE, rules, {}).allowed
    assert load_rules(None, action_facts()).may[ADVISE.table] == Circle(everybody=True)


UNFIT = [
    (None, RulingReason.PERSON_UNREADABLE),
    (replace(ADA, is_guest=True), RulingReason.GUEST),
    (replace(ADA, is_stranger=True), RulingReason.STRANGER),
    (replace(ADA, is_bot=True), RulingReason.BOT),
    (replace(ADA, is_deleted=True), RulingReason.DEACTIVATED),
]


@pytest.mark.parametrize(("person", "reason"), UNFIT)
def test_guests_strangers_apps_and_whoever_is_unknown_may_not(
    tmp_path: Path, person: Person | None, reason: RulingReason
) -> None:
    ruling = may_ask(person, ADVISE, read(tmp_path, "[advise]\neverybody = true\n"), {})
    assert (ruling.allowed, ruling.reason) == (False, reason)


def test_the_settings_narrow_who_may_ask_and_the_refusal_names_their_table(tmp_path: Path) -> None:
    text = f'[requests.groups]\nengineers = "{ENGINEERS}"\n[advise]\ngroups = ["engineers"]\n'
    rules = read(tmp_path, text)
    assert may_ask(ADA, ADVISE, rules, GROUPS).allowed
    assert may_ask(GRACE, ADVISE, rules, GROUPS).sentence == (
        "Grace Moreau may not ask for advice. Members of engineers may; [advise] of vmbackup.toml "
        "says so."
    )
    assert may_ask(ADA, ADVISE, rules, {}).reason is RulingReason.GROUP_UNREADABLE


def test_nobody_may_ask_where_the_settings_say_so(tmp_path: Path) -> None:
    rules = read(tmp_path, "[advise]\neverybody = false\n")
    assert not may_ask(ADA, ADVISE, rules, GROUPS).allowed


def test_who_may_ask_for_advice_voids_no_approval_of_before(tmp_path: Path) -> None:
    before = read(tmp_path, "[requests.ask]\neverybody = true\n").digest
    more = "[requests.ask]\neverybody = true\n[advise]\npublic = true\n[channels]\npublic=['C01']\n"
    assert read(tmp_path, more).digest == before


WRONG = [
    ("[advise]\neveryone = true\n", "advise.everyone", "Extra inputs"),
    ("[advise]\nusers = ['ada']\n", "advise.users.0", "“ada” is not the id of a person"),
    ("[channels]\npublic = ['#ops']\n", "channels.public.0", "“#ops” is not the id of a channel"),
    ("[advise]\ngroups = ['dbas']\n", "requests.groups", "“dbas” is neither"),
]


@pytest.mark.parametrize(("text", "place", "problem"), WRONG)
def test_what_is_wrong_is_refused_by_its_key(
    tmp_path: Path, text: str, place: str, problem: str
) -> None:
    with pytest.raises(SettingsUnreadable) as refused:
        read(tmp_path, text)
    assert (refused.value.place, problem in refused.value.problem) == (place, True)


CHANNELS = [
    (OURS, RulingReason.PUBLIC_FINE),
    (replace(OURS, is_member=False), RulingReason.PUBLIC_FINE),
    (replace(OURS, is_ext_shared=True), RulingReason.PUBLIC_EXTERNAL),
    (replace(OURS, exists=False), RulingReason.PUBLIC_UNREADABLE),
    (None, RulingReason.PUBLIC_UNREADABLE),
]


@pytest.mark.parametrize(("facts", "reason"), CHANNELS)
def test_only_a_channel_of_this_company_that_can_be_read_may_read_about_vms(
    facts: Channel | None, reason: RulingReason
) -> None:
    ruling = may_be_public("C01OPS", facts, RequestRules())
    assert (ruling.reason, ruling.allowed) == (reason, reason is RulingReason.PUBLIC_FINE)
    assert may_be_public("C01OPS", facts, RequestRules(public_channels=frozenset({"C02"}))) == (
        ruling
    )
    named = RequestRules(public_channels=frozenset({"C01OPS"}))
    assert may_be_public("C01OPS", facts, named).allowed


SAID = {"id": "C1", "is_archived": False, "is_member": True, "is_ext_shared": False}


@pytest.mark.parametrize(
    ("more", "shared"),
    [
        ({}, False),
        ({"is_shared": False}, False),
        ({"is_shared": True}, True),
        ({"is_shared": True, "is_org_shared": True}, False),
        ({"is_org_shared": True, "is_ext_shared": True}, True),
        ({"is_pending_ext_shared": True}, True),
        ({"pending_connected_team_ids": ["T2"]}, True),
    ],
)
def test_a_channel_is_shared_outside_however_slack_says_it(
    more: dict[str, object], shared: bool
) -> None:
    found = channel_of(SAID | more, "C1")
    assert found is not None
    assert found.is_ext_shared is shared
