"""`make docs`: write the README's tables and its picture anew."""

from __future__ import annotations

from tests.docs.picture import in_a_terminal, picture
from tests.docs.tables import README, ROOT, written


def main() -> None:
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
    target = ROOT / "docs" / "advice.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(picture(in_a_terminal(ROOT)), encoding="utf-8")
    print(f"Written: {README.relative_to(ROOT)}, {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
