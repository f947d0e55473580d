"""`make docs`: write the tables of docs/ and the README's first picture anew."""

from __future__ import annotations

from tests.docs.markdown import written
from tests.docs.picture import in_a_terminal, picture
from tests.docs.tables import DOCUMENTS, ROOT


def main() -> None:
    for document, tables in DOCUMENTS.items():
        document.write_text(written(document.read_text(encoding="utf-8"), tables), encoding="utf-8")
    target = ROOT / "docs" / "advice.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(picture(in_a_terminal(ROOT)), encoding="utf-8")
    names = [str(path.relative_to(ROOT)) for path in (*DOCUMENTS, target)]
    print(f"Written: {', '.join(names)}")


if __name__ == "__main__":
    main()
