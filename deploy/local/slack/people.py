"""Who and what there is in the workspace: the tables of people, the user group and the channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace."""

    id: str
    domain: str
    name: str


TEAM = Team("T0VMBACKUP", "meridian", "Meridian")
PARTNER = Team("T0PARTNER1", "northwind", "Northwind")


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account; `team` is another one for a guest over Slack Connect."""

    id: str
    name: str
    real_name: str
    title: str = ""
    team: Team = TEAM
    deleted: bool = False
    is_bot: bool = False
    is_admin: bool = False
    is_guest: bool = False

    @property
    def is_external(self) -> bool:
        return self.team != TEAM

    def as_user(self) -> dict[str, Any]:
        """As users.info gives it."""
        return {
            "id": self.id,
            "team_id": self.team.id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "profile": self._profile(),
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1_760_000_000,
        } | self._account()

    def _profile(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "status_text": "",
            "status_emoji": "",
            "team": self.team.id,
        } | ({"bot_id": BOT_ID, "api_app_id": APP_ID} if self.is_bot else {})

    def _account(self) -> dict[str, Any]:
        """What Slack leaves out for accounts that are no longer, or not, of this workspace."""
        if self.deleted:
            return {}
        zone = {"tz": "Europe/Stockholm", "tz_label": "Central European Time", "tz_offset": 3600}
        return (
            zone
            | {
                "is_admin": self.is_admin,
                "is_owner": self.is_admin,
                "is_primary_owner": False,
                "is_restricted": self.is_guest,
                "is_ultra_restricted": False,
                "is_email_confirmed": True,
            }
            | ({"is_stranger": True} if self.is_external else {})
        )


APP_ID, BOT_ID = "A0VMBACKUP", "B0VMBACKUP"
ADA = Person("U01ADA", "ada", "Ada Keller", "Engineer")
GRACE = Person("U02GRACE", "grace", "Grace Moreau", "Platform lead, approver", is_admin=True)
LINUS = Person("U03LINUS", "linus", "Linus Berg", "Operations, approver")
OLU = Person("U04OLU", "olu", "Olu Adeyemi", "Consultant at Northwind", team=PARTNER)
DENNIS = Person("U05DENNIS", "dennis", "Dennis Vogel", "Left in spring", deleted=True)
BOT = Person("U00VMBACKUP", "vmbackup", "vmbackup", is_bot=True)
SLACKBOT = Person("USLACKBOT", "slackbot", "Slackbot", is_bot=True)
EVERYBODY = (ADA, GRACE, LINUS, OLU, DENNIS, BOT)


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group, which Slack calls a subteam."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]
    disabled: bool = False


APPROVERS = UserGroup("S01APPROVERS", "vm-approvers", "VM approvers", (GRACE.id, LINUS.id))


@dataclass(slots=True)
class Channel:
    """A channel or a direct message (`kind` is public, private or im)."""

    id: str
    name: str
    members: set[str]
    kind: str = "public"
    topic: str = ""
    is_ext_shared: bool = False
    is_archived: bool = False

    def as_conversation(self) -> dict[str, Any]:
        """As conversations.info gives it to the bot."""
        common = {"id": self.id, "created": 1_750_000_000, "is_archived": self.is_archived}
        if self.kind == "im":
            (other,) = self.members - {BOT.id}
            return common | {"is_im": True, "user": other, "is_org_shared": False, "priority": 0}
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "private",
            "is_general": False,
            "is_member": BOT.id in self.members,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_pending_ext_shared": False,
            "is_org_shared": False,
            "creator": GRACE.id,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": GRACE.id, "last_set": 1_750_000_000},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    @property
    def name_in_payloads(self) -> str:
        """What deliveries call it."""
        return {"im": "directmessage", "private": "privategroup"}.get(self.kind, self.name)


def channels() -> list[Channel]:
    """The channels at the beginning, new each time; members change."""
    staff = {ADA.id, GRACE.id, LINUS.id}
    shared = {*staff, OLU.id, BOT.id}
    return [
        Channel("C01OPS", "ops", {*staff, BOT.id}, topic="What runs, and what does not"),
        Channel("C02RANDOM", "random", set(staff), topic="vmbackup is not a member here"),
        Channel("G03FINANCE", "finance", {GRACE.id}, "private", "Budgets"),
        Channel(
            "C04PARTNER", "shared-with-partner", shared, topic="With Northwind", is_ext_shared=True
        ),
        *(
            Channel(f"D{person.id[1:]}", "", {person.id, BOT.id}, "im")
            for person in (ADA, GRACE, LINUS)
        ),
    ]
