"""The short messages: notices, help and errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_advice import (
    wild_text,
)
from slack_limits import problems

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    InputUnreadable,
    PriceMissing,
    SettingsUnreadable,
    SlackRefused,
    UsageError,
    VmAmbiguous,
    VmbackupError,
    VmNotFound,
)
from bot.commands import TABLE
from bot.commands.command import WordsUnreadable
from bot.commands.help import full_manual, overview, unknown
from bot.errors import explained
from bot.messages.notices import advice_announcement, notice

BACKUP_WORDS = "Enhanced policy every 4 h, GRS vault with cross-region restore"
slowly = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def texts(value: Any) -> list[str]:
    """Every text of the blocks, in order."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in texts(each)]
    return (
        [text for each in value for text in texts(each)] if isinstance(value, list | tuple) else []
    )


VM_IDS = [
    f"/subscriptions/s{n}/resourceGroups/rg-{n}/providers/Microsoft.Compute/virtualMachines/web-01"
    for n in range(14)
]

ids = st.lists(st.one_of(wild_text, st.sampled_from(VM_IDS)), max_size=30)
errors = st.one_of(
    st.builds(UsageError, wild_text),
    st.builds(VmNotFound, wild_text, st.lists(wild_text, max_size=5)),
    st.builds(VmAmbiguous, wild_text, ids),
    st.builds(AzureRefused, wild_text, wild_text, wild_text),
    st.builds(AzureUnreachable, wild_text, wild_text),
    st.builds(InputUnreadable, wild_text, wild_text, wild_text),
    st.builds(SlackRefused, wild_text),
    st.builds(PriceMissing, wild_text, wild_text),
)


@slowly
@given(errors)
def test_every_error_message_obeys_slacks_limits(error: VmbackupError) -> None:
    message = explained(error)
    assert problems(message.as_dict()) == []
    assert not message.public


@slowly
@given(wild_text)
def test_every_answer_to_a_typed_word_obeys_slacks_limits(text: str) -> None:
    for message in (unknown(text, TABLE), advice_announcement(text), notice(text)):
        assert problems(message.as_dict()) == []


def test_the_help_obeys_slacks_limits_and_lists_every_command() -> None:
    message = overview(TABLE)
    assert problems(message.as_dict()) == []
    for command in TABLE:
        assert f"/vmbackup {command.name}" in message.text
        assert problems(full_manual(command).as_dict()) == []


def test_the_manual_of_a_command_names_every_flag() -> None:
    text = full_manual(TABLE[0]).text
    assert all(flag in text for flag in ("--rpo", "--peak-write", "12MB/s", "--currency"))


def test_an_unknown_vm_gets_the_nearest_names() -> None:
    assert explained(VmNotFound("web-1", ["web-01", "web-02"])).text == (
        "There is no VM called “web-1” among those this bot may read. "
        "Did you mean “web-01” or “web-02”? If it is in another subscription, the bot's "
        "identity needs the Reader role there."
    )


def test_an_ambiguous_name_lists_group_and_subscription_and_at_most_ten() -> None:
    message = explained(VmAmbiguous("web-01", VM_IDS))
    assert "14 VMs are called “web-01”." in message.text
    assert texts(message.blocks)[1] == "rg-0/web-01 (subscription s0)"
    assert texts(message.blocks)[-1] == "and 4 more"


def test_two_vms_of_one_name_in_groups_of_one_name_are_told_apart_by_their_full_id() -> None:
    twin = VM_IDS[0].replace("/s0/", "/s9/").replace("rg-0", "RG-0")
    lines = texts(explained(VmAmbiguous("web-01", [VM_IDS[0], twin, VM_IDS[1]])).blocks)[1:]
    assert lines == [VM_IDS[0], twin, "rg-1/web-01 (subscription s1)"]


def test_a_refusal_names_the_permission_and_who_can_grant_it() -> None:
    error = AzureRefused("the VM's disks", "403 AuthorizationFailed.", "Reader on sub-1")
    assert explained(error).text == (
        "Azure did not let this bot read the VM's disks: 403 AuthorizationFailed. "
        "Its identity needs Reader on sub-1. Ask whoever runs the bot to grant it."
    )


def test_what_no_permission_would_change_asks_nobody_to_grant_it() -> None:
    error = AzureRefused("the VM", "429: it was asked too often. Try again in a minute.")
    assert explained(error).text == (
        "Azure did not let this bot read the VM: 429: it was asked too often. "
        "Try again in a minute. If it stays so, tell whoever runs the bot."
    )


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (WordsUnreadable("copy", "“4x” is no region."), "listed by /vmbackup help copy."),
        (AzureUnreachable("web-01", "no answer."), "Try again in a minute."),
        (SettingsUnreadable("vmbackup.toml", "tiers", "no."), "Tell whoever runs it"),
        (SlackRefused("Slack refused a token."), "Slack refused a token."),
        (PriceMissing("Geo traffic", "No price for Geo traffic."), "No price for Geo traffic."),
    ],
)
def test_every_kind_of_error_says_what_to_do(error: VmbackupError, advice: str) -> None:
    assert advice in explained(error).text
