"""Links open wherever a notebook is read: the repository's page, or the reader's copy in my/."""

import re

import pytest

from tests.support import ROOT
from tools import links, workbook
from tools.builder.outputs import load

PAGE = "{}/blob/{}/".format(*workbook.address())
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/extras/*.ipynb")])
COPIES = {
    "notebooks/week07.ipynb": "week07.ipynb",
    "notebooks/extras/parity.ipynb": "extras/parity.ipynb",
    "lecture_notes/week07.md": "lecture_notes/week07.md",
    "lecture_notes/figures/week07.png": "lecture_notes/figures/week07.png",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
}


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("`lecture_notes/week07.md`", "lecture_notes/week07.md"),
        ("`week01.md`", "lecture_notes/week01.md"),
        ("`lecture_notes/knots.md`", "lecture_notes/knots.md"),
        ("`CONTRIBUTING.md`", "CONTRIBUTING.md"),
        ("`extras/parity.ipynb`", "notebooks/extras/parity.ipynb"),
        ("`parity.ipynb`", "notebooks/extras/parity.ipynb"),
    ],
)
def test_a_file_named_in_backticks_becomes_a_link_with_that_text(written, path):
    assert links.publish(f"See {written}, §2.") == f"See [{written}]({PAGE}{path}), §2."


def test_a_link_with_a_path_of_the_repository_gets_the_page_s_address():
    text = "[a companion](notebooks/extras/parity.ipynb) and [a proof](lecture_notes/week07.md#two)"
    wanted = f"[a companion]({PAGE}notebooks/extras/parity.ipynb) and "
    assert links.publish(text) == wanted + f"[a proof]({PAGE}lecture_notes/week07.md#two)"


@pytest.mark.parametrize(
    "text",
    [
        "`nobody.md` and `nobody.ipynb`",
        "[Wagner](https://arxiv.org/abs/2104.14516)",
        "[above](#section)",
        f"[`week01.md`]({PAGE}lecture_notes/week01.md)",
        "```\n`week01.md` [x](lecture_notes/week01.md)\n```",
        "$f[1](x)$ is no link",
    ],
)
def test_what_is_no_file_or_is_a_link_already_stays(text):
    assert links.publish(text) == text


@pytest.mark.parametrize(
    ("place", "written", "wanted"),
    [
        ("notebooks/week07.ipynb", PAGE + "lecture_notes/week07.md", "lecture_notes/week07.md"),
        ("notebooks/week07.ipynb", PAGE + "lecture_notes/week07.md#a", "lecture_notes/week07.md#a"),
        ("notebooks/extras/parity.ipynb", PAGE + "CONTRIBUTING.md", "../CONTRIBUTING.md"),
        ("notebooks/extras/parity.ipynb", PAGE + "notebooks/week07.ipynb", "../week07.ipynb"),
        ("lecture_notes/week07.md", "figures/week07.png", "figures/week07.png"),
        ("lecture_notes/week07.md", "../notebooks/week07.ipynb", "../week07.ipynb"),
        ("lecture_notes/week07.md", "../pyproject.toml", PAGE + "pyproject.toml"),
        ("CONTRIBUTING.md", "lecture_notes/week07.md", "lecture_notes/week07.md"),
        ("notebooks/week07.ipynb", PAGE + "LICENSE", PAGE + "LICENSE"),
        ("notebooks/week07.ipynb", "https://arxiv.org/abs/1", "https://arxiv.org/abs/1"),
        ("notebooks/week07.ipynb", "#section", "#section"),
    ],
)
def test_in_my_the_links_lead_to_the_copies_there(place, written, wanted):
    once = links.localise(f"[x]({written})", place, COPIES)
    assert once == f"[x]({wanted})"


def test_a_fork_s_links_bear_its_address(monkeypatch):
    monkeypatch.setattr(workbook, "address", lambda: ("https://github.com/fork/course", "v2"))
    text = links.publish("`CONTRIBUTING.md`")
    assert text == "[`CONTRIBUTING.md`](https://github.com/fork/course/blob/v2/CONTRIBUTING.md)"
    wanted = "[`CONTRIBUTING.md`](../CONTRIBUTING.md)"
    assert links.localise(text, "notebooks/extras/parity.ipynb", COPIES) == wanted


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_file_that_a_notebook_names_is_a_link_and_exists(path):
    text = "\n\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    assert links.publish(text) == text, "run make notebooks"
    named = re.findall(rf"\]\({re.escape(PAGE)}([^)#]+)", text)
    assert [name for name in named if not (ROOT / name).is_file()] == []
    note = f"lecture_notes/{path.stem if path.parent.name == 'extras' else path.stem[:6]}.md"
    assert note in named or not (ROOT / note).exists(), f"the notebook never names {note}"
