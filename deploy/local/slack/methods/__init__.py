"""The Web API's methods: one table, one file per family."""

from __future__ import annotations

from deploy.local.slack.methods import apps, chat, conversations, files, usergroups, users, views
from deploy.local.slack.methods.method import Method

METHODS: dict[str, Method] = {
    method.name: method
    for family in (apps, chat, conversations, files, usergroups, users, views)
    for method in family.METHODS
}
