"""`make docs`: write the tables of the documents, the enums of the schemas and the picture anew."""

from __future__ import annotations

from tests.docs import schemas
from tests.docs.markdown import written
from tests.docs.picture import in_a_terminal, picture
from tests.docs.tables import DOCUMENTS, ROOT


def main() -> None:
    schemas.write()
    for document, tables in DOCUMENTS.items():
        document.write_text(written(document.read_text(encoding="utf-8"), tables), encoding="utf-8")
    target = ROOT / "docs" / "advice.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(picture(in_a_terminal(ROOT)), encoding="utf-8")
    names = [str(path.relative_to(ROOT)) for path in (*schemas.ENUMS, *DOCUMENTS, target)]
    print(f"Written: {', '.join(names)}")


if __name__ == "__main__":
    main()
