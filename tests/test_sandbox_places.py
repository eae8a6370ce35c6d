"""Bubblewrap wherever it lies, what to do where the kernel forbids it, and a judge that hangs."""

import json
import os
import re
import shutil
import sys

import pytest

from tests import classroom
from tests.hostile.case import RIGHT
from tools import workbook
from tools.assignment.create import create
from tools.grading import judge, pool, release, sandbox

GUIDE = (workbook.ROOT / "lecture_notes" / "instructors.md").read_text(encoding="utf-8")
STUCK = """
import itertools
from course_utils import checks, codec

_complaint = checks.complaint


def complaint(exercise, instance, answer):
    known = codec.loads(answer)
    if exercise.key == "1.2" and known == [1000]:
        END
    return _complaint(exercise, instance, answer)


checks.complaint = complaint
"""
ENDLESS = "sum(itertools.repeat(1))"
CRASH = "__import__('os').kill(__import__('os').getpid(), 11)"
THOUSAND = "\n_own = topological_order\ncount = itertools.count()\n" + (
    "def topological_order(root, parents):\n"
    "    return [1000] if next(count) == 4 else _own(root, parents)"
)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder that holds bubblewrap, and no other program, on the path."""
    real = shutil.which("bwrap")
    if real is None:
        pytest.skip("bubblewrap is missing")
    folder = tmp_path / "own programs"
    folder.mkdir()
    (folder / "bwrap").symlink_to(real)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def events(steps, places):
    return sandbox.run(steps, *places)


def test_the_bubblewrap_that_was_found_is_started(elsewhere, tmp_path):
    assert sandbox.bubblewrap() == str(elsewhere / "bwrap")
    sandbox.require(tmp_path / "course")
    argv = sandbox._shut_in(tmp_path, tmp_path, fill=False, uid=0)
    assert argv[0] == str(elsewhere / "bwrap")


def test_a_class_is_graded_with_a_bubblewrap_from_elsewhere(elsewhere, tmp_path, monkeypatch):
    monkeypatch.undo()
    course = tmp_path / "course"
    classroom.release(course, "hw1", "1.2")
    classroom.hand_in(course, "hw1", "ada", RIGHT)
    calls = tmp_path / "calls"
    real = shutil.which("bwrap")
    (elsewhere / "bwrap").unlink()
    (elsewhere / "bwrap").write_text(f'#!/bin/sh\necho x >> "{calls}"\nexec {real} "$@"\n')
    (elsewhere / "bwrap").chmod(0o755)
    monkeypatch.setitem(classroom.ENVIRONMENT, "PATH", f"{elsewhere}:{os.environ['PATH']}")
    classroom.grade(course, "hw1")
    assert classroom.marks(course, "hw1")["ada"] == {"ex-1-2-check": 10.0}
    assert calls.read_text().count("x") == 2


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({sandbox.RESTRICTED: "1"}, sandbox.PROFILE),
        ({"sys/kernel/unprivileged_userns_clone": "0"}, "unprivileged_userns_clone=1"),
        ({"sys/user/max_user_namespaces": "0"}, "max_user_namespaces="),
        ({sandbox.RESTRICTED: "0", "sys/user/max_user_namespaces": "9"}, "or root"),
        ({}, sandbox.PROFILE),
    ],
)
def test_what_the_kernel_forbids_is_named(tmp_path, settings, says):
    for name, value in settings.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(value + "\n")
    assert says in sandbox.advice(tmp_path)
    assert "\n" not in sandbox.advice(tmp_path)


def test_a_bubblewrap_that_may_not_start_is_explained(tmp_path, monkeypatch):
    course = tmp_path / "course"
    classroom.release(course, "hw1", "1.2")
    classroom.hand_in(course, "hw1", "ada", RIGHT)
    folder = tmp_path / "forbidden"
    folder.mkdir()
    refusal = "bwrap: setting up uid map: Permission denied"
    (folder / "bwrap").write_text(f"#!/bin/sh\necho '{refusal}' >&2\nexit 1\n")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setitem(classroom.ENVIRONMENT, "PATH", f"{folder}:{os.environ['PATH']}")
    said = classroom.grade(course, "hw1", status=2).stderr.splitlines()[-1]
    assert refusal in said
    assert sandbox.PROFILE in said


def test_the_guide_has_the_profile_and_its_commands():
    assert sandbox.PROFILE in GUIDE
    assert "apt-get install apparmor-profiles" in GUIDE
    assert re.search(r"flags=\(unconfined\) \{\s+userns,", GUIDE)


# the course's folder


def test_a_tilde_is_the_home_even_where_the_shell_leaves_it(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setitem(classroom.ENVIRONMENT, "HOME", str(home))
    words = ("-m", "tools.assignment", "create", "hw1", "1.2", "--course", "~/teach")
    classroom.call(sys.executable, *words)
    assert (home / "teach" / "secrets" / "hw1.json").exists()
    assert not (workbook.ROOT / "~").exists()
    words = ("-m", "tools.grading", "grade", "hw1", "--course", "~/teach")
    run = classroom.call(sys.executable, *words, status=2)
    assert "hw1 is not released" in run.stderr


@pytest.mark.parametrize("module", ["tools.assignment create", "tools.grading grade"])
def test_a_home_of_nobody_is_one_line(module):
    name, command = module.split()
    words = ("-m", name, command, "hw1", *(["1.2"] if command == "create" else []))
    run = classroom.call(sys.executable, *words, "--course", "~nobody-here/teach", status=2)
    assert len(run.stderr.splitlines()) == 1
    assert "no home folder for '~nobody-here/teach'" in run.stderr


def test_a_course_that_is_created_leaves_out_what_a_mac_hides(tmp_path):
    course = tmp_path / "course"
    create(course, "hw1", {"1.2": 10.0}, None, True)
    classroom.call("nbgrader", "generate_assignment", "hw1", cwd=course)
    text = (course / "release" / "hw1" / "hw1.ipynb").read_text()
    archive = course / "downloaded" / "hw1" / "archive"
    for name in ("ada_hw1.ipynb", "ben_HW1.ipynb", "cyd_hw1 (1).ipynb", "__MACOSX/._ada_hw1.ipynb"):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_text(text)
    classroom.call("nbgrader", "zip_collect", "hw1", cwd=course)
    assert {p.name for p in (course / "submitted").iterdir()} == {"ada", "ben", "cyd"}
    classroom.grade(course, "hw1")
    said = json.loads((course / "marks" / "hw1" / "ben.json").read_text())["marks"]["1.2"]
    assert said["comment"] == "Not attempted."
    assert classroom.marks(course, "hw1").keys() == {"ada", "ben", "cyd"}


# a judge that hangs


@pytest.mark.parametrize("end", [ENDLESS, CRASH], ids=["endless", "crash"])
def test_a_judge_that_does_not_come_back_costs_one_exercise(tmp_path, monkeypatch, end):
    course = tmp_path / "course"
    classroom.release(course, "hw1", "1.2", "2.4")
    (tmp_path / "sitecustomize.py").write_text(STUCK.replace("END", end))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{workbook.ROOT}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir(mode=0o755)
    monkeypatch.setattr(pool, "PATIENCE", 4.0)
    known = release.for_judges(release.read_release(course, "hw1"), None, True)
    hangs = RIGHT | {"ex-1-2-answer": f"import itertools\n{RIGHT['ex-1-2-answer']}{THOUSAND}"}
    jobs = [("ada", known["own"] | hangs), ("ben", known["own"])]
    replies = dict(pool.judged(known, jobs, 1, ""))
    one, other = (replies["ada"]["marks"][key] for key in ("1.2", "2.4"))
    assert other["passed"] == other["total"]
    assert one["passed"] == 4
    assert "First wrong: the answer cannot be judged" in one["comment"]
    assert all(m["passed"] == m["total"] for m in replies["ben"]["marks"].values())
    assert pool.PATIENCE < judge.VERIFYING
