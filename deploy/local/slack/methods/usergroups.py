"""usergroups.*: the user groups, which need a paid plan."""

from __future__ import annotations

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.people import GRACE, TEAM, UserGroup
from deploy.local.slack.posting import truth

_READ = ("usergroups:read",)
_CREATED = 1_750_000_000


def listing(call: Call) -> Answer:
    _paid(call)
    with_users = truth(call.args.get("include_users"))
    disabled = truth(call.args.get("include_disabled"))
    found = (each for each in call.workspace.groups.values() if disabled or not each.disabled)
    return {"usergroups": [_shown(each, with_users) for each in found]}


def members(call: Call) -> Answer:
    _paid(call)
    group = call.workspace.groups.get(call.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    if group.disabled and not truth(call.args.get("include_disabled")):
        return {"users": []}
    return {"users": list(group.members)}


def _paid(call: Call) -> None:
    if not call.workspace.has_paid_plan:
        raise SlackError("plan_upgrade_required")


def _shown(group: UserGroup, with_users: bool) -> Answer:
    shown = {
        "id": group.id,
        "team_id": TEAM.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": _CREATED,
        "date_update": _CREATED,
        "date_delete": _CREATED if group.disabled else 0,
        "auto_type": None,
        "auto_provision": False,
        "enterprise_subteam_id": "",
        "created_by": GRACE.id,
        "updated_by": GRACE.id,
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.members),
    }
    return shown | ({"users": list(group.members)} if with_users else {})


METHODS = (
    Method("usergroups.list", listing, 2, _READ),
    Method("usergroups.users.list", members, 2, _READ, ("usergroup",)),
)
