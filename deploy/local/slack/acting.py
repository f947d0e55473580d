"""What people do in the workspace: they type, press, fill in, submit, close and open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.slack import filling, payloads
from deploy.local.slack.courier import Courier, Delivery, Outcome
from deploy.local.slack.errors import SlackError
from deploy.local.slack.manifest import Command
from deploy.local.slack.people import BOT, Channel, Person, UserGroup
from deploy.local.slack.posting import text_and_blocks
from deploy.local.slack.submitting import apply
from deploy.local.slack.suggesting import Suggested, suggest
from deploy.local.slack.tickets import Tickets
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message, Workspace

#: Longer texts are refused by Slack's composer (chat.postMessage, 2026-06).
TYPED_LIMIT = 4000
NOT_INTERACTIVE = "This app is not configured to handle interactive responses."
NO_ANSWER = "The app did not respond. Try again."
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it: what the person was shown at once, and what went wrong."""

    outcome: Outcome
    message: Message | None = None
    problem: str = ""


class People:
    """Hands and keyboards of the workspace. Every method raises SlackError for what cannot be."""

    def __init__(
        self, workspace: Workspace, tickets: Tickets, courier: Courier, url: str = ""
    ) -> None:
        self.workspace, self.tickets, self.courier, self.url = workspace, tickets, courier, url

    # --- writing ----------------------------------------------------------------------------

    async def type(self, person_id: str, channel_id: str, text: str, thread_ts: str = "") -> Acted:
        """A line in the composer: a command where it begins with a slash, else a message."""
        person, channel = self._at(person_id, channel_id)
        if not text.strip() or len(text) > TYPED_LIMIT:
            raise SlackError("msg_too_long" if text.strip() else "no_text")
        if not text.startswith("/"):
            return Acted(Outcome(), await self._say(person, channel, text, thread_ts))
        name, _, rest = text.partition(" ")
        command = None if person.is_external else self.workspace.app.command(name)
        if command is None or thread_ts:
            said = f"{name} is not a valid command" + (" in a thread." if thread_ts else ".")
            return await self._refused(channel, person, Outcome("unknown_command"), said)
        return await self._command(person, channel, command, rest.strip())

    async def _command(
        self, person: Person, channel: Channel, command: Command, text: str
    ) -> Acted:
        path = self.tickets.new_address("commands", person.id, channel.id, None)
        payload = payloads.slash_command(
            person,
            channel,
            command.name,
            self._escaped(text, mentions=command.should_escape),
            response_url=self.url + path,
            trigger_id=self.tickets.new_trigger(person.id),
        )
        outcome = await self.courier.once(Delivery("slash_commands", payload, command.url))
        if outcome.why:
            said = _failed(command.name, outcome)
            return await self._refused(channel, person, outcome, said)
        try:
            message = await self._acknowledged(person, channel, outcome.answer)
        except SlackError as error:
            said = f"{command.name} failed with the error “{error.code}”."
            return await self._refused(channel, person, outcome, said)
        self.tickets.answering[path].original = message
        return Acted(outcome, message)

    async def _acknowledged(self, person: Person, channel: Channel, answer: Any) -> Message | None:
        given = {"text": answer} if isinstance(answer, str) else answer
        if not given or not isinstance(given, Mapping):
            return None
        text, blocks = text_and_blocks(given)
        only_for = "" if given.get("response_type") == "in_channel" else person.id
        ts = self.workspace.new_ts()
        return await self.workspace.post(
            Message(channel.id, ts, BOT.id, text, blocks, only_for=only_for)
        )

    async def _say(self, person: Person, channel: Channel, text: str, thread_ts: str) -> Message:
        said = self._escaped(text, mentions=True)
        ts = self.workspace.new_ts()
        message = Message(channel.id, ts, person.id, said, [], thread_ts=thread_ts)
        await self.workspace.post(message)
        if f"<@{BOT.id}>" in said and BOT.id in channel.members:
            self._event(payloads.app_mention(person, message))
        return message

    def _escaped(self, text: str, *, mentions: bool) -> str:
        """As Slack hands text on: & < > spelled out, and names as references where wanted."""
        for char, entity in _ENTITIES:
            text = text.replace(char, entity)
        return re.sub(r"([@#])([\w.-]+)", self._reference, text) if mentions else text

    def _reference(self, found: re.Match[str]) -> str:
        if found[1] == "@":
            ids = (each.id for each in self.workspace.people.values() if each.name == found[2])
            return next((f"<@{each}>" for each in ids), found[0])
        ids = (each.id for each in self.workspace.channels.values() if each.name == found[2])
        return next((f"<#{each}|{found[2]}>" for each in ids), found[0])

    # --- pressing ---------------------------------------------------------------------------

    async def press(
        self,
        person_id: str,
        message: Message,
        action_id: str,
        chosen: Any = None,
        filled: Mapping[str, Any] | None = None,
    ) -> Acted:
        """A button, or another element with what was chosen in it."""
        person, channel = self._at(person_id, message.channel)
        block_id, element = _element(message.blocks, action_id)
        values = filling.filled(message.blocks, {}, dict(filled or {}))
        path = self.tickets.new_address("actions", person.id, channel.id, message)
        where = payloads.on_message(message, channel, self.url + path)
        return await self._act(person, block_id, element, chosen, values, where)

    async def press_in_view(
        self,
        person_id: str,
        view: View,
        action_id: str,
        chosen: Any = None,
        filled: Mapping[str, Any] | None = None,
    ) -> Acted:
        """The same in a modal or the App Home."""
        person = self._active(person_id)
        block_id, element = _element(view.blocks, action_id)
        given = dict(filled or {}) | ({} if element["type"] == "button" else {action_id: chosen})
        view.values = filling.filled(view.blocks, view.values, given)
        where = payloads.in_view(view)
        return await self._act(person, block_id, element, chosen, view.values, where, view.id)

    async def _act(
        self,
        person: Person,
        block_id: str,
        element: filling.Element,
        chosen: Any,
        values: filling.Values,
        where: dict[str, Any],
        view_id: str = "",
    ) -> Acted:
        ts = self.workspace.new_ts()
        actions = [filling.action(element, block_id, chosen, ts)]
        trigger_id = self.tickets.new_trigger(person.id, view_id)
        payload = payloads.block_actions(person, actions, trigger_id=trigger_id, values=values)
        return await self._interact(payload | where)

    # --- modals -----------------------------------------------------------------------------

    async def submit(self, person_id: str, view: View, filled: Mapping[str, Any]) -> Acted:
        """What is missing or wrong comes back in `view.errors`, and nothing is delivered."""
        person = self._active(person_id)
        view.values = filling.filled(view.blocks, view.values, filled)
        view.errors, view.trouble = filling.problems(view.blocks, view.values), ""
        if view.errors:
            await self.workspace.tell("modals", person=person.id)
            return Acted(Outcome("not_sent"), problem="Something is not filled in yet.")
        trigger_id = self.tickets.new_trigger(person.id, view.id)
        acted = await self._interact(payloads.view_submission(person, view, trigger_id))
        await self._after_submission(view, acted)
        return Acted(acted.outcome, problem=acted.problem or view.trouble)

    async def _after_submission(self, view: View, acted: Acted) -> None:
        try:
            if acted.problem:
                raise SlackError("no_answer")
            await apply(self.workspace, view, acted.outcome.answer)
        except SlackError:
            view.trouble = "We had some trouble connecting. Try again?"
            await self.workspace.tell("modals", person=view.person)

    async def suggest(self, person_id: str, view: View, action_id: str, typed: str) -> Suggested:
        """What the app offers for what is typed into a list; it can be chosen from then on."""
        person = self._active(person_id)
        return await suggest(self.workspace, self.courier, person, view, action_id, typed)

    async def close(self, person_id: str, *, everything: bool = False) -> None:
        """The view on top, or the whole stack at once."""
        person = self._active(person_id)
        stack = self.workspace.modals.get(person.id, [])
        gone = stack if everything else stack[-1:]
        everything = everything or any(view.given.get("clear_on_close") for view in gone)
        gone = list(stack) if everything else list(gone)
        self.workspace.modals[person.id] = [view for view in stack if view not in gone]
        await self.workspace.tell("modals", person=person.id)
        for view in reversed(gone):
            if view.given.get("notify_on_close"):
                await self._interact(payloads.view_closed(person, view, everything))

    # --- the home and shortcuts -------------------------------------------------------------

    async def open_home(self, person_id: str) -> None:
        """The App Home's tab; the app publishes its view after that event."""
        person = self._active(person_id)
        if not self.workspace.app.has_home or person.is_external:
            raise SlackError("not_enabled")
        channel = self.workspace.direct_message(person.id)
        view = self.workspace.homes.get(person.id)
        ts = self.workspace.new_ts()
        self._event(payloads.app_home_opened(person, channel, ts, view))

    async def shortcut(
        self, person_id: str, callback_id: str, message: Message | None = None
    ) -> Acted:
        """A global one, or one on a message."""
        person, ts = self._active(person_id), self.workspace.new_ts()
        kind = "message" if message else "global"
        known = {(each.callback_id, each.kind) for each in self.workspace.app.shortcuts}
        if (callback_id, kind) not in known or person.is_external:
            raise SlackError("shortcut_not_found")
        trigger_id = self.tickets.new_trigger(person.id)
        if message is None:
            return await self._interact(
                payloads.global_shortcut(person, callback_id, ts, trigger_id)
            )
        _, channel = self._at(person_id, message.channel)
        path = self.tickets.new_address("app", person.id, channel.id, None)
        payload = payloads.message_shortcut(person, callback_id, ts, trigger_id, message, channel)
        return await self._interact(payload | {"response_url": self.url + path})

    def group_changed(self, group: UserGroup) -> None:
        """Other people are in a user group now; the app gets the event where it subscribed."""
        before = set(self.workspace.groups[group.id].members)
        self.workspace.groups[group.id] = group
        ts = self.workspace.new_ts()
        self._event(payloads.subteam_members_changed(group, before, ts))

    # --- common -----------------------------------------------------------------------------

    async def _interact(self, payload: dict[str, Any]) -> Acted:
        app = self.workspace.app
        if not app.is_interactive:
            return Acted(Outcome("not_interactive"), problem=NOT_INTERACTIVE)
        outcome = await self.courier.once(Delivery("interactive", payload, app.interactivity_url))
        return Acted(outcome, problem=NO_ANSWER if outcome.why else "")

    def _event(self, inner: dict[str, Any]) -> None:
        """Delivered only where the manifest subscribes to it."""
        app, workspace = self.workspace.app, self.workspace
        if inner["type"] in app.events:
            body = payloads.event(workspace.new_id("Ev"), workspace.clock.now(), inner)
            self.courier.event(Delivery("events_api", body, app.events_url))

    async def _refused(
        self, channel: Channel, person: Person, outcome: Outcome, said: str
    ) -> Acted:
        message = await self.workspace.tell_only(channel.id, person.id, said)
        return Acted(outcome, message, problem=said)

    def _active(self, person_id: str) -> Person:
        person = self.workspace.person(person_id)
        if person.deleted or person.is_bot:
            raise SlackError("account_inactive")
        return person

    def _at(self, person_id: str, channel_id: str) -> tuple[Person, Channel]:
        person, channel = self._active(person_id), self.workspace.channel(channel_id)
        if person.id not in channel.members:
            raise SlackError("not_in_channel")
        return person, channel


def _element(blocks: list[dict[str, Any]], action_id: str) -> tuple[str, filling.Element]:
    found = filling.found_element(blocks, action_id)
    if found is None:
        raise SlackError("action_not_found")
    return found


def _failed(command: str, outcome: Outcome) -> str:
    """What Slack says in the channel, to the person alone."""
    if outcome.why == "http_error":
        return f"{command} failed with the error “http_service_error”."
    if outcome.why == "connection_failed":
        return f"{command} failed because the app did not respond: it is not connected."
    return f"{command} failed because the app did not respond within three seconds."
