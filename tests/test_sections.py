"""Notes and notebooks: sections are numbered and named; the site drops no line of a note."""

import re

import pytest

from tests.support import ROOT

NOTES = sorted(ROOT.glob("lecture_notes/*.md"))
NOTEBOOKS = sorted(ROOT.glob("notebooks/source/**/*.py"))


@pytest.mark.parametrize("path", [*NOTES, *NOTEBOOKS], ids=lambda path: path.stem)
def test_sections_are_numbered_without_a_gap_and_have_a_name(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    titles = [line.removeprefix("# ") for line in lines if re.match(r"(# )?## ", line)]
    numbers = [int(title.split()[1][:-1]) for title in titles if re.match(r"## \d+\.", title)]
    assert numbers == list(range(1, len(numbers) + 1))
    for title in titles:
        assert re.match(r"## (\d+\. )?[A-Z“\"$*`]", title), title


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_no_line_of_a_note_is_a_comment_for_the_site(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"\s*%", line)] == []
