"""The row of the action in the table of actions."""

from __future__ import annotations

from bot.actions.delete.facts import FACTS
from bot.actions.delete.plan import delete_plan
from bot.actions.delete.words import WORDS
from bot.requests.request import ActionRow, PlanOfPoints

ROW = ActionRow(facts=FACTS, words=WORDS, plan=PlanOfPoints(make=delete_plan))
