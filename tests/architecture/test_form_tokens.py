"""A form that is drawn by `include … only` knows no token of its own: without one, sending it ends at a refusal."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "parvis"
PARTS = re.compile(r'{% (include|drawn) "([^"]+)"([^%]*)%}')


def test_a_part_with_a_form_is_given_the_token() -> None:
    texts = {str(p).split("/templates/")[1]: p.read_text() for p in ROOT.glob("*/templates/**/*.html")}
    missing = [
        f"{name} draws {part}"
        for name, text in texts.items()
        for tag, part, given in PARTS.findall(text)
        if ("only" in given.split() or tag == "drawn")
        and "{% csrf_token %}" in texts.get(part, "")
        and "csrf_token=" not in given
    ]
    assert missing == []
