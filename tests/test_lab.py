"""`make lab` copies what is new and never touches what a reader changed."""

import subprocess

import pytest

from tests.support import ROOT
from tools.lab import copy_notebooks


@pytest.fixture
def folders(tmp_path):
    notebooks, my = tmp_path / "notebooks", tmp_path / "my"
    (notebooks / "extras").mkdir(parents=True)
    (notebooks / "week01.ipynb").write_text("one")
    (notebooks / "extras" / "parity.ipynb").write_text("parity")
    return notebooks, my


def test_new_notebooks_are_copied(folders):
    notebooks, my = folders
    assert copy_notebooks(notebooks, my) == []
    assert (my / "week01.ipynb").read_text() == "one"
    assert (my / "extras" / "parity.ipynb").read_text() == "parity"


def test_a_changed_notebook_stays_and_the_reader_is_told_how_to_see_what_is_new(folders):
    notebooks, my = folders
    copy_notebooks(notebooks, my)
    (my / "week01.ipynb").write_text("one, with my answers")
    assert copy_notebooks(notebooks, my) == []
    (notebooks / "week01.ipynb").write_text("one, revised")
    messages = copy_notebooks(notebooks, my)
    assert (my / "week01.ipynb").read_text() == "one, with my answers"
    assert len(messages) == 1
    assert "nbdiff -s my/week01.ipynb notebooks/week01.ipynb" in messages[0]


def test_an_unchanged_copy_follows_the_course(folders):
    notebooks, my = folders
    copy_notebooks(notebooks, my)
    (notebooks / "week01.ipynb").write_text("one, revised")
    assert copy_notebooks(notebooks, my) == []
    assert (my / "week01.ipynb").read_text() == "one, revised"


def test_a_file_that_was_there_before_is_never_overwritten(folders):
    notebooks, my = folders
    my.mkdir()
    (my / "week01.ipynb").write_text("my own file of this name")
    messages = copy_notebooks(notebooks, my)
    assert (my / "week01.ipynb").read_text() == "my own file of this name"
    assert len(messages) == 1


def test_a_lost_copy_is_made_again(folders):
    notebooks, my = folders
    copy_notebooks(notebooks, my)
    (my / "week01.ipynb").unlink()
    copy_notebooks(notebooks, my)
    assert (my / "week01.ipynb").read_text() == "one"


def test_make_alone_lists_the_targets():
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "lab", "test", "notebooks", "check", "instructor", "notes", "bench"):
        assert f"make {target} " in shown
