"""`make docs`: write everything again that is made from the code, the picture included."""

from __future__ import annotations

from tests.docs import texts
from tests.docs.picture import in_a_terminal, picture
from tests.docs.tables import ROOT


def main() -> None:
    target = ROOT / "docs" / "advice.svg"
    target.write_text(picture(in_a_terminal(ROOT)), encoding="utf-8")
    names = [str(path.relative_to(ROOT)) for path in (*texts.write(), target)]
    print(f"Written: {', '.join(names)}")


if __name__ == "__main__":
    main()
