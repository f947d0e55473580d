"""What an advice reads like: the decision and the tables, in JSON and in words."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

SHOWN, TESTS = "advisor/present/", "tests/present/test_present_"
WORDS, DECISION = f"{TESTS}words.py", f"{TESTS}decision.py"
SIGNS = "tests/cli/test_cli_signs.py"
SHORT = f"{TESTS}short.py"

ROWS = (
    Mutant(
        name="what limits an option is listed as what forbids it",
        file=f"{SHOWN}document.py",
        old="return reason.blocking and reason.verdict is verdict and not reason.not_supplied",
        new="return reason.verdict is verdict and not reason.not_supplied",
        tests=(DECISION,),
    ),
    Mutant(
        name="a moment of another time zone is marked as UTC",
        file=f"{SHOWN}json_values.py",
        old="return value.astimezone(UTC).strftime",
        new="return value.strftime",
        tests=(DECISION,),
    ),
    Mutant(
        name="a decision without a condition has an empty one",
        file=f"{SHOWN}decision_as_json.py",
        old='"condition": "; ".join(decision.conditions) or None,',
        new='"condition": "; ".join(decision.conditions),',
        tests=(DECISION,),
    ),
    Mutant(
        name="two courses are told as the first",
        file=f"{SHOWN}decision_as_json.py",
        old='"action": " and ".join(course.value for course in decision.courses),',
        new='"action": decision.courses[0].value,',
        tests=(DECISION,),
    ),
    Mutant(
        name="the price that would change the answer is not in the JSON",
        file=f"{SHOWN}decision_as_json.py",
        old='"missing_price": decision.bound or None,',
        new='"missing_price": None,',
        tests=(DECISION,),
    ),
    Mutant(
        name="the JSON says that an alternative meets as much as the decision",
        file=f"{SHOWN}decision_as_json.py",
        old='"meets": maybe(lambda each: each.meets.value, plan),',
        new='"meets": maybe(lambda each: "yes", plan),',
        tests=(DECISION,),
    ),
    Mutant(
        name="what is paid today is told as what is paid afterwards",
        file=f"{SHOWN}decision_as_json.py",
        old='"monthly": maybe(lambda each: monthly_of(each.monthly), plan),\n'
        '        "today": maybe(monthly_of, decision.today),',
        new='"monthly": maybe(lambda each: monthly_of(each.monthly), plan),\n'
        '        "today": maybe(lambda each: monthly_of(each.monthly), plan),',
        tests=(DECISION,),
    ),
    Mutant(
        name="a gap is one of every event",
        file=f"{SHOWN}decision_words.py",
        old="events = listed(event.value for event in gap.events)",
        new='events = "deletion, zone and region"',
        tests=(DECISION,),
    ),
    Mutant(
        name="up to which price the decision holds is not said",
        file=f"{SHOWN}decision_words.py",
        old="bound = (decision.bound,) if decision.bound else ()",
        new="bound: tuple[str, ...] = ()",
        tests=(DECISION,),
    ),
    Mutant(
        name="a rule that only informs is told as undecided",
        file=f"{SHOWN}decision_words.py",
        old="if reason.verdict is Verdict.UNKNOWN and reason.blocking:",
        new="if reason.verdict is Verdict.UNKNOWN:",
        tests=(DECISION,),
    ),
    Mutant(
        name="a line that is optional is not marked in the JSON",
        file=f"{SHOWN}as_json.py",
        old='"optional": usage.optional,',
        new='"optional": False,',
        tests=(DECISION,),
    ),
    Mutant(
        name="a price that was carried over is not marked in the JSON",
        file=f"{SHOWN}as_json.py",
        old='"price_origin": None if line.unit_price is None else line.origin.value,',
        new='"price_origin": None if line.unit_price is None else "listed",',
        tests=(DECISION,),
    ),
    Mutant(
        name="a set-up in place is not marked in the JSON",
        file=f"{SHOWN}as_json.py",
        old='"in_place": assessment.in_place,',
        new='"in_place": False,',
        tests=(DECISION,),
    ),
    Mutant(
        name="a column of several parts is allowed where one of them is",
        file=f"{SHOWN}comparison.py",
        old="worst_first = (Verdict.NO, Verdict.UNKNOWN, Verdict.YES)",
        new="worst_first = (Verdict.YES, Verdict.UNKNOWN, Verdict.NO)",
        tests=(DECISION,),
    ),
    Mutant(
        name="an option that is not allowed meets the need",
        file=f"{SHOWN}comparison.py",
        old='    if column.allowed is Verdict.NO:\n        return ("no",)\n',
        new="",
        tests=(DECISION,),
    ),
    Mutant(
        name="an assumed time is told as a documented one",
        file=f"{SHOWN}comparison.py",
        old="return duration(rto.likely) if documented else",
        new="return duration(rto.likely) if rto.source else",
        tests=(DECISION,),
    ),
    Mutant(
        name="of a plan of two the worse recovery is shown",
        file=f"{SHOWN}comparison.py",
        old="return min(every, key=lambda each: (each.rpo, each.rto.likely), default=None)",
        new="return max(every, key=lambda each: (each.rpo, each.rto.likely), default=None)",
        tests=(DECISION,),
    ),
    Mutant(
        name="of parts that hold the disks together the sooner one is shown",
        file=f"{SHOWN}comparison.py",
        old="if whole or len(known) < 2:",
        new="if known:",
        tests=(DECISION,),
    ),
    Mutant(
        name="what is stopped has a column beside what runs",
        file=f"{SHOWN}comparison.py",
        old="        if each.protection.state is ProtectionState.ACTIVE\n",
        new="",
        tests=(DECISION,),
    ),
    Mutant(
        name="one protection that does not meet the need alone is not said to",
        file=f"{SHOWN}document.py",
        old='False: " Alone it does not meet the need.", None: ""}',
        new='False: "", None: ""}',
        tests=(DECISION,),
    ),
    Mutant(
        name="a few cents read as nothing",
        file="advisor/words.py",
        old="    if 0 < value < CENT / 2:\n",
        new="    if 0 > value > CENT / 2:\n",
        tests=(WORDS,),
    ),
    Mutant(
        name="a sign that the terminal lacks ends the command",
        file="advisor/cli/signs.py",
        old="        reconfigure(errors=_SHOW_SIGNS)",
        new='        reconfigure(errors="strict")',
        tests=(f"{SIGNS}::test_no_text_fails_in_any_encoding",),
    ),
    Mutant(
        name="a quote that the encoding lacks ends a string of JSON",
        file="advisor/cli/output.py",
        old="ensure_ascii=not shows_every_letter(sys.stdout))",
        new="ensure_ascii=False)",
        tests=(f"{SIGNS}::test_json_is_json_with_every_letter_in_any_encoding",),
    ),
    Mutant(
        name="the JSON of an advice holds every configuration, asked or not",
        file=f"{SHOWN}as_json.py",
        old="shown = advice.assessments if details else compared(advice)",
        new="shown = advice.assessments",
        tests=(f"{TESTS}json.py",),
    ),
    Mutant(
        name="what speaks against a compared configuration is left out of the JSON",
        file=f"{SHOWN}as_json.py",
        old="if details or each.verdict is not Verdict.YES]",
        new="if details]",
        tests=(f"{TESTS}json.py",),
    ),
    Mutant(
        name="a VM of which something was not read is called unprotected",
        file="advisor/recommend/now.py",
        old="StateNow.UNKNOWN if unread else StateNow.UNPROTECTED",
        new="StateNow.UNPROTECTED",
        tests=("tests/recommend/test_recommend_now.py",),
    ),
    Mutant(
        name="a backup that fails is told as protection",
        file="advisor/recommend/now.py",
        old="ProtectionNow(StateNow.BROKEN,",
        new="ProtectionNow(StateNow.PROTECTED,",
        tests=("tests/recommend/test_recommend_now.py",),
    ),
    Mutant(
        name="points that can be deleted with the VM are shown as if the need were met",
        file=f"{SHOWN}short_table.py",
        old="if asked and event not in column.met:",
        new="if False:",
        tests=(SHORT,),
    ),
    Mutant(
        name="what an advice has no room for is left out without a word",
        file=f"{SHOWN}short_text.py",
        old="        if more:\n            where",
        new="        if False:\n            where",
        tests=(SHORT,),
    ),
    Mutant(
        name="the column of prices leaves a narrow terminal",
        file=f"{SHOWN}short_text.py",
        old="    month = min(month, width - name - _ARROW - 2 * _GAP - 2 * NARROWEST_EVENT)",
        new="    month = month",
        tests=(SHORT,),
    ),
    Mutant(
        name="the range with a size known is the range without",
        file="advisor/recommend/spread.py",
        old="known = _settled(case, settle)",
        new="known = case",
        tests=(SHORT,),
    ),
    Mutant(
        name="a card sends its reader to a terminal",
        file="bot/messages/advice_told.py",
        old="return [text for text in texts if not any(each in text for each in _COMMANDS)]",
        new="return list(texts)",
        tests=("tests/bot/test_bot_messages.py",),
    ),
)
