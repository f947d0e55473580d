"""What the doctor shows holds no secret, whatever a check says."""

from __future__ import annotations

import json

from bot.doctor.finding import Check, CheckAnswer, Diagnosis, Examined, Row
from bot.doctor.report import as_document, as_text, secrets_of, sentence
from bot.doctor.surroundings import Surroundings
from bot.settings import Settings

GIVEN = {
    "SLACK_BOT_TOKEN": "xoxb-1-of-ours",
    "SLACK_APP_TOKEN": "xapp-1-of-ours",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "postgresql://bot:hunter22@db.example.com/bot?sslmode=verify-full",
}


async def nothing(_: Surroundings) -> tuple[CheckAnswer, ...]:
    return ()


def row(answer: Diagnosis, said: str, to_do: str = "", *, is_needed: bool = True) -> Row:
    return Row(Check("a check", "somehow", nothing, is_needed), CheckAnswer(answer, said, to_do))


def test_every_secret_is_taken_out_of_what_a_check_says_the_password_alone_included() -> None:
    secrets = secrets_of(Settings.model_validate(GIVEN))
    leaky = " ".join([*GIVEN.values(), "password hunter22", "xoxb-of-somebody-else"])
    found = Examined((row(Diagnosis.NO, leaky, leaky),))
    for shown in (as_text(found, secrets, 100), json.dumps(as_document(found, secrets))):
        for secret in (*GIVEN.values(), "hunter22", "xoxb-of-somebody-else"):
            assert secret not in shown
        assert "(secret)" in shown


def test_a_no_that_fails_nothing_is_a_warning_and_an_unknown_is_no_yes() -> None:
    warned = Examined((row(Diagnosis.NO, "It is old.", "Renew it.", is_needed=False),))
    assert as_text(warned, (), 80).startswith("warn     a check  It is old.")
    assert sentence(warned) == "Everything that the bot needs is right."
    asked = Examined((row(Diagnosis.UNKNOWN, "?"), row(Diagnosis.NO, "!"), row(Diagnosis.YES, ".")))
    assert len(asked.wrong) == 2
    assert sentence(asked) == "1 thing is wrong and 1 thing could not be asked."
