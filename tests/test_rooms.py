"""The tables of modules are complete and say who uses each."""

import re

import networkx as nx
import pytest

from tests.imports import import_graph, modules
from tests.support import ROOT

ROOMS = ("maths", "engines")
HEAD = "| module | its mathematics | weeks |"


def label(name: str) -> str | None:
    """Return the week or companion of a notebook's source or of an exercise module, else None."""
    parts = name.split(".")
    if parts[:2] not in (["notebooks", "source"], ["course_utils", "exercises"]):
        return None
    if "extras" in parts or not parts[-1].startswith("week"):
        return re.sub(r"^week\d\d_conjecture_", "", parts[-1])
    return str(int(parts[-1][4:6]))


def users(room: str) -> dict[str, str]:
    """Return {module: the weeks and companions that use it, directly or through another}."""
    graph = import_graph(modules())
    found = {}
    for name in modules():
        if name.startswith(f"course_utils.{room}."):
            labels = {label(n) for n in nx.ancestors(graph, name)} - {None, "exercises"}
            ordered = sorted(
                labels, key=lambda x: (not x.isdecimal(), int(x) if x.isdecimal() else 0, x)
            )
            found[name.rsplit(".", 1)[1]] = ", ".join(ordered)
    return found


def rows(text: str) -> dict[str, tuple[str, str]]:
    """Return {module: (its mathematics, weeks)} of all tables of modules in a text."""
    found = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*) \|$", text, re.MULTILINE)
    return {module: (what.strip(), weeks.strip()) for module, what, weeks in found}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_lists_all_its_modules_and_who_uses_them(room):
    text = (ROOT / "course_utils" / room / "__init__.py").read_text(encoding="utf-8")
    assert HEAD in text
    assert {module: weeks for module, (_, weeks) in rows(text).items()} == users(room)


def test_contributing_carries_the_same_tables():
    here = rows((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    there = {}
    for room in ROOMS:
        there |= rows((ROOT / "course_utils" / room / "__init__.py").read_text(encoding="utf-8"))
    assert {module: here.get(module) for module in there} == there
