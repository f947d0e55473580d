"""The row of the action in the table of actions."""

from __future__ import annotations

from bot.actions.restore.facts import FACTS
from bot.actions.restore.plan import restore_plan
from bot.actions.restore.words import WORDS
from bot.requests.request import ActionRow, PlanOfPoints

ROW = ActionRow(facts=FACTS, words=WORDS, plan=PlanOfPoints(make=restore_plan))
