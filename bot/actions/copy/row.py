"""The row of the action in the table of actions."""

from __future__ import annotations

from bot.actions.copy.facts import FACTS
from bot.actions.copy.plan import copy_plan
from bot.actions.copy.words import WORDS
from bot.requests.request import ActionRow, PlanOfPoints

ROW = ActionRow(facts=FACTS, words=WORDS, plan=PlanOfPoints(make=copy_plan))
