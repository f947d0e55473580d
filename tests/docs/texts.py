"""The texts that are made from the code: tables, enums of the schemas, the app manifest.

`python -m tests.docs.texts` writes them again; `make docs` writes the picture, too.
"""

from __future__ import annotations

import json
from pathlib import Path

from bot.azure.azure_roles import azure_roles
from bot.commands.manifest import as_yaml, manifest
from bot.composition.actions import action_facts
from tests.docs import schemas
from tests.docs.markdown import written
from tests.docs.tables import DOCUMENTS, ROOT
from tests.judgement.page import judgement_page

MANIFEST = ROOT / "deploy" / "slack" / "manifest.yaml"
ROLES = ROOT / "deploy" / "azure" / "roles.json"
JUDGEMENT = ROOT / "docs" / "judgement.md"


def write() -> list[Path]:
    """Write each of them again, and say which they are."""
    schemas.write()
    for document, tables in DOCUMENTS.items():
        document.write_text(written(document.read_text(encoding="utf-8"), tables), encoding="utf-8")
    JUDGEMENT.write_text(judgement_page(), encoding="utf-8")
    MANIFEST.write_text(as_yaml(manifest()), encoding="utf-8")
    ROLES.write_text(roles(), encoding="utf-8")
    return [*schemas.ENUMS, *DOCUMENTS, JUDGEMENT, MANIFEST, ROLES]


def roles() -> str:
    """What deploy/azure makes the custom roles from: by name, the actions of each."""
    made = {role.name: role.definition() for role in azure_roles(action_facts())}
    shown = {
        name: {"description": each["Description"], "actions": each["Actions"]}
        for name, each in made.items()
    }
    return json.dumps(shown, indent=2) + "\n"


if __name__ == "__main__":
    write()
