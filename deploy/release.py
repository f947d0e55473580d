"""`make release`: build what is released, try it where nothing else is, and say what remains.

Nothing is published here: setting and pushing the tag stay with a person.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

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
from deploy.sbom import bill_of_materials

ROOT = Path(__file__).parents[1]
PACKAGES = ("advisor", "bot")
ESTIMATE = (
    *("estimate", "azure-backup", "--region", "westeurope", "--strict"),
    *("--disk", "Premium_LRS:128:40", "--disk", "Premium_LRS:512"),
)
#: In the clean environment: everything that is installed can be imported, and is installed there.
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    assert package.__file__.startswith(sys.prefix), package.__file__
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
"""


def main() -> None:
    """Refuses with a sentence; else the files are in `dist`."""
    try:
        version = version_of(ROOT)
        tag = f"v{version}"
        check_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
        check_tree(_git("status", "--porcelain"))
        head = _git("rev-parse", "HEAD").strip()
        is_tagged = check_tag(tag, _commit_of(tag), head)
        built = _built_twice(ROOT / "dist")
        [wheel] = (path for path in built if path.suffix == ".whl")
        _check_contents(wheel)
        try_wheel(wheel, version)
        materials = ROOT / "dist" / f"vmbackup-{version}.cdx.json"
        text = bill_of_materials(ROOT / "requirements" / "run.txt", version)
        materials.write_text(text, encoding="utf-8")
    except NotReleasable as problem:
        sys.exit(f"Not released: {problem}")
    _say(*(f"{_digest(path)}  {path.relative_to(ROOT)}" for path in (*built, materials)))
    _say(f"\n{tag} can be released from {head[:12]}. What remains:\n", *remaining(tag, is_tagged))


def version_of(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


# --- what git says ---------------------------------------------------------------------------


def _git(*arguments: str) -> str:
    return _run(["git", *arguments], cwd=ROOT)


def _commit_of(tag: str) -> str:
    """The commit that the tag names; empty where there is no such tag."""
    name = f"refs/tags/{tag}"
    if not _git("for-each-ref", "--format=%(refname)", name).strip():
        return ""
    return _git("rev-parse", f"{name}^{{commit}}").strip()


# --- building --------------------------------------------------------------------------------


def _built_twice(target: Path) -> list[Path]:
    """Both files in `target`, built twice from the commit alone and found to be the same."""
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        first, second = (built(Path(folder) / name) for name in ("first", "second"))
        check_same(_digests(first), _digests(second))
        return [_moved(path, target) for path in sorted(first.iterdir())]


def built(folder: Path) -> Path:
    """Files that are not committed cannot come in: the source is what the commit holds."""
    source, out = folder / "source", folder / "dist"
    source.mkdir(parents=True)
    archive = folder / "source.tar"
    _git("archive", "--format=tar", f"--output={archive}", "HEAD")
    with tarfile.open(archive) as held:
        held.extractall(source, filter="data")
    moment = _git("log", "-1", "--format=%ct").strip()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": moment, "PYTHONDONTWRITEBYTECODE": "1"}
    _run([sys.executable, "-m", "hatchling", "build", "-d", str(out)], source, environment)
    return out


def _moved(path: Path, target: Path) -> Path:
    to = target / path.name
    to.write_bytes(path.read_bytes())
    return to


def _digests(folder: Path) -> Mapping[str, str]:
    return {path.name: _digest(path) for path in folder.iterdir()}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_contents(wheel: Path) -> None:
    tracked = _git("ls-files", "-z", *PACKAGES).split("\0")
    with zipfile.ZipFile(wheel) as held:
        missing = missing_files(filter(None, tracked), held.namelist())
    if missing:
        raise NotReleasable(f"{wheel.name} lacks {', '.join(missing)}.")


# --- trying ----------------------------------------------------------------------------------


def try_wheel(wheel: Path, version: str, interpreter: str = sys.executable) -> None:
    """As a person would install it: the locked requirements, then the wheel, and nothing else.

    `interpreter`: the Python that it is installed for. Raises NotReleasable.
    """
    with tempfile.TemporaryDirectory() as folder:
        place, environment = Path(folder), _clean(Path(folder))
        programs = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
        python, program = str(programs / "python"), str(programs / "vmbackup")
        _install(wheel, place, python, interpreter)
        check_version(_run([program, "--version"], place, environment), version)
        check_estimate(_run([program, *ESTIMATE], place, environment))
        _run([program, "bot", "--help"], place, environment)
        _run([python, "-c", IMPORT_ALL, *PACKAGES], place, environment)


def _install(wheel: Path, place: Path, python: str, interpreter: str) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    locked = str(ROOT / "requirements" / "run.txt")
    _run([uv, "venv", "--quiet", "--python", interpreter, str(place / "venv")], place)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    _run([*install, "--require-hashes", "-r", locked], place)
    _run([*install, "--no-deps", str(wheel)], place)


def _clean(place: Path) -> Mapping[str, str]:
    """Nothing of this machine's own: no path to our sources, no prices that were fetched."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": str(place), "VMBACKUP_CACHE_DIR": str(place / "cache")} | {
        "VMBACKUP_OFFLINE": "1"
    }


def _run(command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """What the command wrote. Raises NotReleasable with what it said where it failed."""
    ran = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        said = (ran.stderr or ran.stdout).strip()
        raise NotReleasable(f"{' '.join(command[:4])} … ended with {ran.returncode}:\n{said}")
    return ran.stdout


def _say(*lines: str) -> None:
    print(*lines, sep="\n")  # noqa: T201 - a program for the terminal


if __name__ == "__main__":
    main()
