"""The row of the action in the table of actions."""

from __future__ import annotations

from bot.actions.snapshot.facts import FACTS
from bot.actions.snapshot.plan import snapshot_plan
from bot.actions.snapshot.words import WORDS
from bot.requests.request import ActionRow, PlanOfVm

ROW = ActionRow(facts=FACTS, words=WORDS, plan=PlanOfVm(make=snapshot_plan))
