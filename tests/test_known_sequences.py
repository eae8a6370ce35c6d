"""The definitions agree with the listed terms, and the listed terms with the course's data."""

import json

import pytest

from course_utils import datasets
from course_utils.maths.known_sequences import DEFINITIONS
from tests.support import ROOT

LISTED = json.loads((ROOT / "tests/data/sequences109.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_gives_the_listed_terms(name):
    assert [DEFINITIONS[name](n) for n in range(16)] == LISTED[name]["terms"]


def test_the_shipped_list_has_the_terms_and_no_programs():
    shipped = datasets.load("sequences109.json")
    assert shipped == {name: entry["terms"] for name, entry in LISTED.items()}
    assert len({tuple(terms) for terms in shipped.values()}) == len(shipped) == 109
