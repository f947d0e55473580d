"""The VMs that a form offers while a person types.

Slack waits three seconds, at every character, so that memory alone is asked: the names that were
read lately and the people that Slack named within the last minute. Who is not known is looked up
first; what stays unknown offers nothing. What is chosen is judged again like a name that is typed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.jobs.known_vms import KnownVmName
from bot.known_at_once import has_rule
from bot.messages.inputs import OPTIONS
from bot.messages.vm_picker import VmChoice
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import ASK, RequestRules
from bot.requests.approval.who_may import may_ask
from bot.requests.model import Requester
from bot.workflow.ports import ReadsPeople

_TOKEN_DIGITS = 32


class RemembersPeople(ReadsPeople, Protocol):
    """People and groups that can be had without asking Slack."""

    def remembered(self, user_id: str) -> Person | None:
        """The person as read within the last minute; None: not known now."""
        ...

    def remembered_groups(self, ids: Iterable[str]) -> Membership:
        """The members of each group as read within the last minute; None: not known now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VmChoices:
    """Offers VMs to the people for whom the settings have a rule, and finds the chosen one."""

    people: RemembersPeople
    rules: RequestRules
    names: Callable[[], Sequence[KnownVmName] | None]  #: None: the VMs are not known now

    def offered(self, requester: Requester, typed: str) -> tuple[VmChoice, ...]:
        """The VMs with what is typed in their names, those that begin with it first; at most 100.

        None for whom the settings let ask for no snapshot, and for who is not known now.
        """
        known = self.names()
        if not known or not self._may_ask(requester):
            return ()
        wanted = typed.strip().lower()
        found = sorted(
            (one for one in known if wanted in one.name.lower() and has_rule(one, self.rules)),
            key=lambda one: (not one.name.lower().startswith(wanted), one.name.lower(), one.vm_id),
        )
        shown = found[:OPTIONS]
        places = Counter(_place(one) for one in shown)
        return tuple(_choice(one, is_only=places[_place(one)] == 1) for one in shown)

    def knows(self, requester: Requester) -> bool:
        """Whether it is known now, without asking Slack, who the person is and in which groups."""
        groups = self.people.remembered_groups(self.rules.requester_groups(ASK))
        is_read = all(members is not None for members in groups.values())
        return is_read and self.people.remembered(requester.user_id) is not None

    async def look_up(self, requester: Requester) -> None:
        """Read the person and their groups from Slack, so that a list can be filled."""
        groups = self.rules.requester_groups(ASK)
        await asyncio.gather(self.people.person(requester.user_id), self.people.groups(groups))

    def vm_id(self, token: str) -> str:
        """The full id of a VM that was offered, by this process or another; empty: not known."""
        known = self.names() or ()
        return next((one.vm_id for one in known if token_of(one.vm_id) == token), "")

    def is_only(self, name: str, resource_group: str) -> bool:
        """Whether no other VM has this name in a group of this name; where unknown: no."""
        wanted = (name.lower(), resource_group.lower())
        return sum(_place(one) == wanted for one in self.names() or ()) == 1

    def _may_ask(self, requester: Requester) -> bool:
        person = self.people.remembered(requester.user_id)
        groups = self.people.remembered_groups(self.rules.requester_groups(ASK))
        return may_ask(person, ASK, self.rules, groups).allowed


def token_of(vm_id: str) -> str:
    """What stands for a VM in a form: every process makes the same, and it names nothing."""
    return hashlib.sha256(vm_id.lower().encode()).hexdigest()[:_TOKEN_DIGITS]


def _place(one: KnownVmName) -> tuple[str, str]:
    return one.name.lower(), one.resource_group.lower()


def _choice(one: KnownVmName, *, is_only: bool) -> VmChoice:
    where = f"resource group {one.resource_group}"
    if not is_only:
        where = f"{one.resource_group}, subscription {one.subscription_id}"
    return VmChoice(token_of(one.vm_id), one.name, where)
