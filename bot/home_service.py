"""The service behind the App Home: one person's requests, and what they may decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.database.store import Store
from bot.messages.home import HomeShown
from bot.requests.approval.choose_rule import choose_rule
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import RequestRules, Rule
from bot.requests.approval.who_may import may_decide, unfit
from bot.requests.model import Requester
from bot.requests.refusals import NotAllowed
from bot.requests.request import Request
from bot.workflow.ports import ReadsPeople

#: How many requests are looked at for what somebody may decide, and how many of one's own.
LOOKED_AT, OWN = 200, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeService:
    """Reads what a home shows. Raises VmbackupError."""

    store: Store
    people: ReadsPeople
    rules: RequestRules

    async def shown_to(self, requester: Requester) -> HomeShown:
        """The lists of one person. Raises NotAllowed for guests, strangers and apps."""
        person = await self.people.person(requester.user_id)
        if (refused := unfit(person)) is not None:
            raise NotAllowed(refused.sentence)
        mine = await self.store.requests_of(requester.user_id, OWN)
        waiting = await self.store.waiting_for_others_than(requester.user_id, LOOKED_AT)
        ruled = [(request, self._rule(request)) for request in waiting]
        groups = await self.people.groups(
            {group for _, rule in ruled if rule for group in rule.approver_groups}
        )
        return HomeShown(
            to_decide=[one for one, rule in ruled if self._decides(person, one, rule, groups)],
            mine=mine,
            links=await self.store.links([one.id for one in (*mine, *waiting)]),
            more_to_decide=len(waiting) == LOOKED_AT,
            unread=self._unread(groups),
            at=await self.store.now(),
        )

    def _rule(self, request: Request) -> Rule | None:
        return choose_rule(request.plan, self.rules) if request.plan else None

    def _decides(
        self, person: Person | None, request: Request, rule: Rule | None, groups: Membership
    ) -> bool:
        if rule is None:
            return False
        return may_decide(person, request.requester, rule, groups, self.rules).allowed

    def _unread(self, groups: Membership) -> Sequence[str]:
        """The groups whose members Slack did not say: what they decide may be missing."""
        return [
            f"Slack does not say now who belongs to {self.rules.group_name(group)}: what its "
            "members decide may be missing here."
            for group, members in sorted(groups.items())
            if members is None
        ]
