"""The notes become pages and PDFs without the internet."""

import os
import shutil

import pytest

from tests.support import ROOT
from tools import notes


@pytest.mark.parametrize(
    "note", sorted((ROOT / "lecture_notes").glob("*.md")), ids=lambda p: p.stem
)
def test_every_formula_of_a_note_can_be_set(note):
    page, failed = notes.page(note.read_text(encoding="utf-8"), note.stem)
    assert failed == []
    assert "<h1>" in page
    assert "http-equiv" not in page


def test_formulas_become_mathml_and_a_broken_one_is_named():
    page, failed = notes.page("# T\n\n$x^2$ and\n\n$$\\frac{1}{2}$$\n", "T")
    assert page.count("<math") == 2
    assert failed == []
    for broken in (r"\left( x", r"\nocommand x"):
        assert len(notes.page(f"# T\n\n${broken}$\n", "T")[1]) == 1


def test_a_page_is_printed(tmp_path):
    if not any(map(shutil.which, ("chromium", "chromium-browser", "chrome"))):
        assert not os.environ.get("CI"), "no Chromium to print with: apt-get install chromium"
        pytest.skip("no Chromium to print with: apt-get install chromium")
    source = tmp_path / "note.html"
    source.write_text(notes.page("# Title\n\n$x^2$\n", "Title")[0])
    notes.print_pdf(source, tmp_path / "note.pdf")
    assert (tmp_path / "note.pdf").read_bytes().startswith(b"%PDF")
