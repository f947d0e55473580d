"""The row of the action in the table of actions."""

from __future__ import annotations

from bot.actions.extend.facts import FACTS
from bot.actions.extend.plan import extend_plan
from bot.actions.extend.words import WORDS
from bot.requests.request import ActionRow, PlanOfPoints

ROW = ActionRow(facts=FACTS, words=WORDS, plan=PlanOfPoints(make=extend_plan))
