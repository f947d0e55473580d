"""The bill of materials is CycloneDX, and holds every pinned requirement with its hashes."""

from __future__ import annotations

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.sbom import bill_of_materials, licence_of, pinned
from tests.docs.tables import ROOT

RUN = ROOT / "requirements" / "run.txt"


def test_the_document_is_valid_and_names_every_requirement_with_its_files() -> None:
    shown = bill_of_materials(RUN, "1.2.3")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(shown) is None
    document = json.loads(shown)
    named = {each["name"]: each for each in document["components"]}
    wanted = list(pinned(RUN.read_text(encoding="utf-8")))
    assert len(wanted) > 40
    assert {*named} == {each.name for each in wanted}
    for each in wanted:
        component = named[each.name]
        assert component["version"] == each.version
        assert component["purl"] == f"pkg:pypi/{each.name}@{each.version}"
        assert each.hashes
        assert {one["content"] for one in component["hashes"]} == {*each.hashes}
    assert document["metadata"]["component"]["version"] == "1.2.3"


def test_licences_are_those_that_packages_state_and_never_guessed() -> None:
    assert licence_of("aiohttp").startswith("Apache-2.0")
    assert licence_of("no-such-package") == ""
    document = json.loads(bill_of_materials(RUN, "1.2.3"))
    with_licence = [each for each in document["components"] if each.get("licenses")]
    assert len(with_licence) > 0.9 * len(document["components"])


def test_a_requirement_is_read_with_extras_and_markers() -> None:
    text = (
        "a-b[x]==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "0" * 64 + "\n"
        "c==2 \\\n    --hash=sha256:" + "1" * 64 + " \\\n    --hash=sha256:" + "2" * 64 + "\n"
    )
    first, second = pinned(text)
    assert (first.name, first.version, len(first.hashes)) == ("a-b", "1.0", 1)
    assert (second.name, second.version, len(second.hashes)) == ("c", "2", 2)


def test_what_is_installed_with_extras_is_what_is_tested_and_runs_without_them() -> None:
    run, extras, dev = (
        {each.name: each.version for each in pinned(path.read_text(encoding="utf-8"))}
        for path in (RUN, RUN.with_name("extras.txt"), RUN.with_name("dev.txt"))
    )
    assert run.items() <= extras.items() <= dev.items()
