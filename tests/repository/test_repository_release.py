"""A release is refused where something is not as it must be, and what remains is said."""

from __future__ import annotations

import tomllib

import pytest

from deploy.release_rules import (
    NotReleasable,
    check_changelog,
    check_estimate,
    check_same,
    check_tag,
    check_tree,
    check_version,
    missing_files,
    remaining,
)
from tests.docs.tables import ROOT

GOOD = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-30\n\n### Added\n\n- A thing.\n"


def test_the_changelog_of_this_repository_tells_of_the_version_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    check_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), project["version"])


def test_a_changelog_with_a_dated_section_of_the_version_is_fine() -> None:
    check_changelog(GOOD, "1.2.3")
    check_changelog(f"{GOOD}\n## [1.2.2] - 2026-10-01\n\n- Another.\n", "1.2.3")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GOOD.replace("[1.2.3]", "[1.2.4]"), r"must begin with \[Unreleased\] and then \[1.2.3\]"),
        (GOOD.replace("## [Unreleased]\n\n", ""), r"It begins with 1.2.3\."),
        ("", "It begins with no section"),
        (GOOD.replace(" - 2026-11-30", ""), "has no date"),
        (GOOD.replace("2026-11-30", "2026-11-31"), "has no date"),
        (GOOD.replace("2026-11-30", "20261130"), "has no date"),
        (GOOD.replace("- A thing.", ""), "says nothing"),
        (GOOD.replace("- A thing.", "## [1.2.2] - 2026-10-01\n\n- Old."), "says nothing"),
    ],
)
def test_a_changelog_that_lacks_something_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotReleasable, match=why):
        check_changelog(text, "1.2.3")


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(NotReleasable, match=r"“1\.2\.3\.dev0” in pyproject\.toml is no version"):
        check_changelog(GOOD, "1.2.3.dev0")


def test_a_work_tree_with_changes_is_refused_by_their_names() -> None:
    check_tree("")
    with pytest.raises(NotReleasable, match=r"Commit or remove a\.py, docs/b\.md\."):
        check_tree(" M a.py\n?? docs/b.md\n")


def test_a_tag_is_new_or_names_the_commit_that_is_released() -> None:
    assert not check_tag("v1.2.3", "", "b" * 40)
    assert check_tag("v1.2.3", "b" * 40, "b" * 40)
    with pytest.raises(NotReleasable, match=r"v1\.2\.3 names aaaaaaaaaaaa, not bbbbbbbbbbbb"):
        check_tag("v1.2.3", "a" * 40, "b" * 40)


def test_two_builds_that_differ_in_a_file_or_its_name_are_refused() -> None:
    check_same({"a.whl": "1"}, {"a.whl": "1"})
    with pytest.raises(NotReleasable, match=r"differ in a\.whl"):
        check_same({"a.whl": "1"}, {"a.whl": "2"})
    with pytest.raises(NotReleasable, match=r"differ in b\.whl"):
        check_same({"a.whl": "1", "b.whl": "1"}, {"a.whl": "1"})


def test_a_file_of_the_packages_that_is_not_in_the_wheel_is_found() -> None:
    packed = ["bot/cli.py", "vmbackup-1.2.3.dist-info/METADATA"]
    assert missing_files(["bot/cli.py", "bot/x.mako"], packed) == ["bot/x.mako"]


def test_a_wheel_of_another_version_is_refused() -> None:
    check_version("vmbackup 1.2.3\n", "1.2.3")
    with pytest.raises(NotReleasable, match=r"says “vmbackup 1\.2\.2”, not “vmbackup 1\.2\.3”"):
        check_version("vmbackup 1.2.2\n", "1.2.3")


def test_an_estimate_without_an_amount_is_refused() -> None:
    check_estimate("Azure Backup: 24.87 USD a month")
    with pytest.raises(NotReleasable, match="no amount"):
        check_estimate("Azure Backup: not known")


def test_what_remains_is_to_set_the_tag_and_to_push_it() -> None:
    push = "    git push origin v1.2.3"
    assert remaining("v1.2.3", False) == ["    git tag -a v1.2.3 -m 'vmbackup 1.2.3'", push]
    assert remaining("v1.2.3", True) == [push]
