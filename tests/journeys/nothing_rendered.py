"""What a message may not hold if strangers' text is only text: written for any message of Slack."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message

#: Objects of Block Kit whose text Slack shows as it stands.
_PLAIN = frozenset({"plain_text", "raw_text", "text"})
_NAMED = {"user": "user_id", "usergroup": "usergroup_id"}
_ID = re.compile(r"[USW][A-Z0-9]+")
_MARKUP = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")
#: An address that Slack gives of a message; and what the bot itself writes into small print:
#: people, groups, times and such addresses.
_PERMALINK = re.compile(r"https?://[^/|<>\s]+/archives/[A-Z0-9]+/p\d+(?:\?[^|<>\s]*)?")
_TOKENS = re.compile(
    r"<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<!date\^\d+\^[^|<>]*\|[^<>]*>"
    rf"|<{_PERMALINK.pattern}\|[^<>]*>"
)
#: What else mrkdwn would draw.
_MARKS = re.compile(r"[<>*_~`]|&(?!(?:amp|lt|gt);)")
#: What leads away, loads something, calls everybody or is drawn as something else.
_KINDS = frozenset({"mrkdwn", "link", "broadcast", "emoji", "image", "markdown", "video", "color"})
_KEYS = frozenset({"url", "image_url", "thumb_url", "title_url", "attachments"})
#: Arguments by which Slack would make links and mentions of a text by itself.
_ARGUMENTS = frozenset({"link_names", "parse", "mrkdwn", "attachments", "icon_url", "username"})


def rendered(slack: SlackStandIn) -> list[str]:
    """Everything that the bot ever showed or said and that is not only text."""
    found = [each for message in _messages(slack) for each in of_message(message)]
    for view in slack.workspace.views():
        found += of_blocks(view.given)
    for delivered in slack.deliveries:
        found += of_answer(delivered.outcome.answer)
    for call in slack.calls:
        wrong = sorted(_ARGUMENTS & set(call.args))
        found += [f"{call.name} with {', '.join(wrong)}"] if wrong else []
    return found


def of_message(message: Message) -> Iterator[str]:
    """Of one message: its text must be escaped, its blocks hold no markup."""
    if _MARKUP.search(message.text):
        yield f"markup in the text {message.text!r}"
    yield from _unseen(message.text)
    yield from of_blocks(message.blocks)


def of_answer(answer: Any) -> Iterator[str]:
    """Of what came with an acknowledgement: a message, or another view in a form's place."""
    if not isinstance(answer, Mapping):
        return
    if isinstance(text := answer.get("text"), str) and _MARKUP.search(text):
        yield f"markup in the text {text!r}"
    yield from of_blocks(answer.get("blocks"))
    yield from of_blocks(answer.get("view"))
    for error in (answer.get("errors") or {}).values():
        yield from _unseen(error)


def of_blocks(value: Any) -> Iterator[str]:
    """Of blocks, or of anything inside them."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from of_blocks(each)
    elif isinstance(value, Mapping):
        yield from _of_object(value)
        for each in value.values():
            yield from of_blocks(each)


def _of_object(one: Mapping[str, Any]) -> Iterator[str]:
    kind = one.get("type")
    if kind == "mrkdwn":
        if _MARKS.search(_TOKENS.sub("", str(one.get("text")))):
            yield f"markup of others: {one}"
    elif _is_to_a_message(one):
        pass
    elif kind in _KINDS or _KEYS & set(one):
        yield f"drawn by Slack: {one}"
    if kind == "plain_text" and one.get("emoji") is not False:
        yield f"colons become emoji: {one}"
    if isinstance(one.get("text"), str):
        if kind not in _PLAIN and kind != "mrkdwn" and not _is_to_a_message(one):
            yield f"a text of an unknown kind: {one}"
        yield from _unseen(one["text"])
    if kind in _NAMED and not _ID.fullmatch(str(one.get(_NAMED[kind]))):
        yield f"no id: {one}"


def _is_to_a_message(one: Mapping[str, Any]) -> bool:
    """Whether it is a link to a message of this workspace, by Slack's own address of it."""
    is_link = one.get("type") == "link" and set(one) <= {"type", "url", "text", "style"}
    return is_link and _PERMALINK.fullmatch(str(one.get("url"))) is not None


def _unseen(text: str) -> Iterator[str]:
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            yield f"U+{ord(char):04X} in {text!r}"


def _messages(slack: SlackStandIn) -> Iterator[Message]:
    for channel in slack.workspace.messages.values():
        yield from (one for one in channel.values() if one.is_the_bots)
