"""The builder: the same bytes each time, the markup's meaning, a message for every broken rule."""

import base64
import colorsys
import io
import json
import os
import subprocess
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image

from course_utils import plotting
from tools import workbook
from tools.builder import notebooks, outputs
from tools.builder.rules import source_problems
from tools.builder.source import METADATA, SourceError, answers, build, dump, tags

FIXTURE = '''\
# %% [markdown]
# # Week 0 — Two numbers with nothing in common
#
# *How often do two whole numbers share no prime?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** count pairs of numbers that share no prime, and read a line off a picture.
# **What you need:** divisibility. **Where it comes from:** Hardy and Wright, §18.5. We count with
# numpy and predict before we run, as in every week; the words here are many since the code is not.
# Two integers are coprime if their greatest common divisor is one; there is nothing else to know.
#
# **Two-hour path:** all of it, with exercises 0.1 and 0.2. All exercises together: 15 minutes.

# %% tags=["imports"]
import matplotlib.pyplot as plt
import numpy as np

from course_utils.plotting import decorate
from course_utils.runtime import claim

# %% [markdown]
# How many of the hundred pairs below eleven are coprime? Predict, then run the next cell.

# %% tags=["nbval-check-output"]
n = np.arange(1, 11)
print((np.gcd.outer(n, n) == 1).sum())

# %% [markdown]
# 63 pairs share nothing. The next cell draws the numbers themselves, a line that rises.

# %% alt="A line rises from 1 to 10."
fig, ax = plt.subplots()
ax.plot(n)
decorate(ax, "the numbers", "index", "n")
plt.show()

# %% [markdown]
# The line rises from 1 to 10.
#
# ### Exercise 0.1 ★ (10 min) — The square
#
# Write `square(n)`, the product of an integer with itself.


# %%
def square(n: int) -> int:
    """Return n times n."""
    # BEGIN SOLUTION
    return n * n
    # END SOLUTION


# %% [markdown]
# ### Exercise 0.2 ★ (5 min) — Two values

# %%
# BEGIN SOLUTION
first = 3
second = first + 1
# END SOLUTION

# %% [markdown] tags=["solution"]
# Only in the solved copy.

# %% tags=["headline"]
claim("share of coprime pairs", 0.63, low=0.6, high=0.7)

# %% [markdown]
# **Learned:** to count. **Not shown:** the limit. **Further reading:** Theorem 332.
'''


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one notebook in a folder of its own."""
    source = tmp_path / "notebooks" / "source"
    source.mkdir(parents=True)
    monkeypatch.setattr(workbook, "SOURCES", source)
    monkeypatch.setattr(workbook, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(workbook, "SOLVED", tmp_path / "solved")
    monkeypatch.setattr(workbook, "SOLUTIONS", tmp_path / "solutions")
    monkeypatch.setattr(workbook, "CLAIMS", tmp_path / "claims")
    path = source / "week00_coprime.py"
    path.write_text(FIXTURE, encoding="utf-8")
    return path


def rewrite(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def cell_with(notebook, text):
    return next(cell for cell in notebook.cells if text in cell.source)


def test_solutions_become_stubs_for_students(course):
    student = build(course)
    stub = cell_with(student, "def square").source
    assert stub.endswith('    raise NotImplementedError("Exercise 0.1")  # replace this line')
    assert "return" not in stub.replace("Return", "")
    values = cell_with(student, "first =").source
    assert values == (
        "first = ...  # Exercise 0.2: replace the dots\n"
        "second = ...  # Exercise 0.2: replace the dots"
    )
    assert not any("Only in the solved copy" in cell.source for cell in student.cells)


def test_solved_copies_keep_solutions_without_markers(course):
    solved = build(course, solved=True)
    assert cell_with(solved, "def square").source.endswith("    return n * n")
    assert cell_with(solved, "Only in the solved copy")
    assert not any("SOLUTION" in cell.source for cell in solved.cells)


def test_ids_come_from_content_and_are_shared_by_both_copies(course):
    student, solved = build(course), build(course, solved=True)
    ids = [cell.id for cell in solved.cells]
    assert len(set(ids)) == len(ids)
    assert {cell.id for cell in student.cells} < set(ids)
    rewrite(course, "# The line rises from 1 to 10.\n", "# The line rises.\n")
    changed = {cell.id for cell in build(course).cells} ^ {cell.id for cell in student.cells}
    assert len(changed) == 2


def test_repeated_cells_get_ids_of_their_own(course):
    rewrite(
        course,
        '# %% tags=["headline"]',
        '# %%\nprint(1)\n\n# %%\nprint(1)\n\n# %% tags=["headline"]',
    )
    twins = [cell.id for cell in build(course).cells if cell.source == "print(1)"]
    assert len(set(twins)) == 2


def test_badge_and_bootstrap_bear_the_one_address(course, monkeypatch):
    monkeypatch.setattr("tools.workbook.address", lambda: ("https://github.com/fork/course", "v2"))
    student = build(course)
    link = "https://colab.research.google.com/github/fork/course/blob/v2/notebooks/week00_coprime.ipynb"
    assert link in student.cells[0].source
    assert "git+https://github.com/fork/course@v2" in student.cells[1].source
    assert "example-org" not in dump(student)


def test_answers_are_the_solved_cells(course):
    found = answers(course)
    assert set(found) == {"0.1", "0.2"}
    assert "return n * n" in found["0.1"]
    assert "BEGIN" not in found["0.1"]


BUILD = """
from tools import workbook
from tools.builder.source import build, dump
for path in workbook.sources():
    print(path.stem, dump(build(path)), dump(build(path, solved=True)))
"""


def test_two_processes_with_other_hash_seeds_build_the_same_bytes():
    runs = [
        subprocess.run(
            [sys.executable, "-c", BUILD],
            cwd=workbook.ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 10_000


def test_an_executed_notebook_is_byte_identical_and_rebuilt_only_when_changed(course, capsys):
    place = workbook.target(course)
    assert notebooks.build_one(course) == []
    first, moment = place.read_bytes(), place.stat().st_mtime_ns
    assert notebooks.build_one(course) == []
    assert "unchanged" in capsys.readouterr().out
    assert place.stat().st_mtime_ns == moment
    assert notebooks.build_one(course, again=True) == []
    assert place.read_bytes() == first
    notebook = outputs.load(place)
    nbformat.validate(notebook)
    picture = next(
        o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})
    )
    assert picture.metadata["image/png"]["alt"] == "A line rises from 1 to 10."
    assert notebook.metadata == METADATA
    claims = json.loads((workbook.CLAIMS / "week00_coprime.json").read_text())
    assert claims == [{"text": "share of coprime pairs", "value": 0.63, "low": 0.6, "high": 0.7}]
    headline = cell_with(notebook, "claim(").outputs
    assert [o.output_type for o in headline] == ["stream"]  # the sentence, not its value again


def test_a_failing_cell_is_reported_and_nothing_is_written(course):
    rewrite(course, "low=0.6", "low=0.69")
    problems = notebooks.build_one(course)
    assert len(problems) == 1
    assert "share of coprime pairs" in problems[0]
    assert not workbook.target(course).exists()


def problems(path):
    return source_problems(path, {"0.1", "0.2"})


def rules(path):
    # two of a week's rules do not bind a fixture: its exercises are in no package
    unregistered = (
        "has no check cell",
        "has no Exercise",
        "coding exercises",
        "each star",
        "wanted are",
    )
    return [p for p in problems(path) if not any(text in p for text in unregistered)]


def test_the_fixture_keeps_the_form(course):
    assert rules(course) == []


ALT = '# %% alt="A line rises from 1 to 10."'
READ = "# %% [markdown]\n# The line rises from 1 to 10.\n#\n#"
BROKEN = {
    "unknown header key": (ALT, '# %% alt="A." colour="red"', "unknown header key 'colour'"),
    "unquoted value": (ALT, "# %% alt=rises", "unquoted header value"),
    "no alt text": (ALT, "# %%", "no alt text"),
    "unknown tag": ('tags=["headline"]', 'tags=["headlines"]', "unknown tag 'headlines'"),
    "misspelt check tag": (
        'tags=["nbval-check-output"]',
        'tags=["nbval_check_output"]',
        "unknown tag",
    ),
    "raises-exception": (
        'tags=["headline"]',
        'tags=["headline", "raises-exception"]',
        "raises-exception",
    ),
    "magic": ("ax.plot(n)", "%time ax.plot(n)", "magic or shell line"),
    "shell": ("ax.plot(n)", "!ls", "magic or shell line"),
    "nbval comment": ("ax.plot(n)", "ax.plot(n)  # NBVAL_SKIP", "steers nbval"),
    "misspelt marker": ("    # BEGIN SOLUTION", "    # BEGIN SOLUTIONS", "looks like a marker"),
    "lower-case marker": ("    # END SOLUTION", "    # end solution", "looks like a marker"),
    "show not last": ("plt.show()", "plt.show()\nprint(1)", "does not end with plt.show()"),
    "no sentence below": (READ, "# %%\nprint(1)\n\n# %% [markdown]\n#", "no sentence below"),
    "comment of the site": (READ, READ + "\n# 10 of 70\n# % are.\n#", "begins a line with '%'"),
    "bad heading": ("(10 min) — The square", "(10 minutes) - The square", "is not of the form"),
    "foreign import": ("import numpy as np", "import pandas as np", "imports 'pandas'"),
    "tools import": ("import numpy as np", "from tools import workbook", "imports 'tools'"),
    "no badge": ("# (badge)", "# badge", "(badge)"),
    "no question": (
        "# *How often do two whole numbers share no prime?*",
        "# How often?",
        "italics",
    ),
    "bootstrap filled": (
        '# %% tags=["bootstrap"]',
        '# %% tags=["bootstrap"]\nprint(1)',
        "empty code cell",
    ),
    "no needs": ("**What you need:**", "**Needs:**", "what you need"),
    "no limits said": ("**Not shown:**", "**Also:**", "not show"),
    "no headline": ('# %% tags=["headline"]', "# %%", "tagged headline"),
    "long cell": ("ax.plot(n)", "\n".join(["ax.plot(n)"] * 31), "lines of code, allowed are 30"),
    "twice the same key": ("### Exercise 0.2", "### Exercise 0.1", "stands twice"),
    "key of another week": ("### Exercise 0.2", "### Exercise 7.2", "should be numbered 0.1"),
    "order": (
        "### Exercise 0.1 ★ (10",
        "### Exercise 0.3 ★ (10",
        "0.2 comes after one of",
    ),
    "minutes": (
        "(10 min)",
        "(20 min)",
        "cell 3: says 15 minutes, the headings",
    ),
    "minutes not said": ("All exercises together: 15", "In all: 15", "All exercises together: 15"),
    "no path": ("**Two-hour path:**", "**Path:**", "marks no two-hour path"),
    "path without exercises": ("0.1 and 0.2. All", "all. All", "names no exercise"),
    "path too long": ("(10 min)", "(117 min)", "path take 122 minutes"),
    "tool's comment": ("ax.plot(n)", "ax.plot(n)  # fmt: skip", "a tool's comment"),
    "widget without twin": (
        '# %% tags=["headline"]',
        '# %% tags=["headline", "widget"]',
        "static twin",
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named_with_its_file(course, rule):
    old, new, message = BROKEN[rule]
    rewrite(course, old, new)
    found = rules(course)
    assert any(message in p and p.startswith("week00_coprime.py") for p in found), found


def test_wanted_amounts_are_named(course):
    found = " ".join(problems(course))
    for words in ("1 figures", "1 checked cells", "1 claims", "2 coding exercises", "each star"):
        assert words in found


def test_missing_registry_check_cell_and_wrong_answers_are_named(course):
    found = " ".join(source_problems(course, {"0.2"}))
    assert "exercise 0.1 has no check cell" in found
    assert "exercise 0.1 has no Exercise in course_utils/exercises" in found
    assert "exercises 0.1 have fewer than 2 planted wrong answers" in found


def test_a_later_use_without_otherwise_is_refused(course):
    head = '# %% tags=["headline"]\n'
    rewrite(course, head, f'# %%\nsquare = check("0.1", square)\n\n{head}square(3)\n')
    assert any("'square' is used after its check" in p for p in problems(course))
    rewrite(course, "square)\n\n", "square, otherwise=pow)\n\n")
    assert not any("used after" in p for p in problems(course))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("second = first + 1", "print(3)", "plain names only"),
        ("second = first + 1", "a[0] = 3", "plain names"),
        ("    # END SOLUTION\n", "", "without # END SOLUTION"),
        ("    # BEGIN SOLUTION\n", "", "without # BEGIN SOLUTION"),
        ("### Exercise 0.1 ★ (10 min) — The square", "Text.", "before any exercise heading"),
    ],
)
def test_a_solution_that_cannot_be_cut_is_refused(course, old, new, message):
    rewrite(course, old, new)
    with pytest.raises(SourceError, match=r"week00_coprime\.py, cell") as caught:
        build(course)
    assert message.replace("plain names only", "plain names") in str(caught.value)


def executed(cell_source="print(1)", outputs=(), count=1, cell_tags=()):
    cell = nbformat.v4.new_code_cell(cell_source, outputs=list(outputs), execution_count=count)
    cell.metadata["tags"] = list(cell_tags)
    return nbformat.v4.new_notebook(cells=[cell])


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.mark.parametrize(
    ("notebook", "message"),
    [
        (executed(count=None), "never run"),
        (executed(cell_tags=["nbval-check-output"]), "prints nothing"),
        (executed(outputs=[stream("careful", "stderr")]), "stderr"),
        (executed(outputs=[stream("<object at 0x7f31aa02b5d0>")]), "memory address"),
        (executed(outputs=[stream("saved in /home/ann/run.txt")]), "absolute path"),
        (executed(outputs=[nbformat.v4.new_output("error", ename="E", evalue="x")]), "error"),
        (executed("plt.show()"), "no picture"),
    ],
)
def test_outputs_that_must_not_be_committed(notebook, message):
    found = outputs.output_problems(notebook)
    assert len(found) == 1
    assert message in found[0][1]


def test_widget_views_and_state_are_dropped():
    mime = "application/vnd.jupyter.widget-view+json"
    view = nbformat.v4.new_output("display_data", {mime: {"model_id": "a"}})
    notebook = executed(outputs=[view, stream("1")])
    notebook.metadata["widgets"] = {"state": {}}
    outputs.clean(notebook)
    assert [o.output_type for o in notebook.cells[0].outputs] == ["stream"]
    assert "widgets" not in notebook.metadata


def test_numbers_that_nothing_holds_are_reported(course):
    rewrite(
        course,
        "# The line rises from 1 to 10.\n#\n#",
        "# Of 17.25 and 0.63 and 63 % and 70.0 % and 1,234.5 only some are held.\n#\n"
        "# Hardy and Wright (1938) counted 3,141.5; a formula $2.718$; see arXiv 2106.03015.\n#\n#",
    )
    assert notebooks.build_one(course) == []
    found = [p.rsplit("'", 2)[1] for p in notebooks.reports([course])]
    assert found == ["17.25", "1,234.5"]


def encoded(figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode()


def rgb(png: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")).astype(int)


def test_a_colour_bar_keeps_its_steps():
    figure, ax = plt.subplots()
    plotting.matrix(ax, np.linspace(-1, 1, 400).reshape(20, 20), signed=True)
    before = encoded(figure)
    after = outputs.palette(before)
    assert np.abs(rgb(before) - rgb(after)).max() <= 4


@pytest.mark.parametrize("style", [{"lw": 1.5}, {"ls": "", "marker": "o", "ms": 4}])
def test_fifteen_hues_are_found_again(style):
    hues = [colorsys.hsv_to_rgb(k / 15, 0.8, 0.8) for k in range(15)]
    figure, ax = plt.subplots()
    for k, hue in enumerate(hues):
        ax.plot([0, 1, 2], [k, k + 1 + k % 3, k], color=hue, **style)
    after = rgb(outputs.palette(encoded(figure))).reshape(-1, 3)
    for hue in hues:  # neighbouring hues are 65 apart
        assert np.abs(after - np.rint(255 * np.array(hue))).max(axis=1).min() <= 20


def test_pictures_get_a_palette_and_lose_weight():
    figure, ax = plt.subplots()
    ax.plot(range(10))
    before = encoded(figure)
    after = outputs.palette(before)
    image = Image.open(io.BytesIO(base64.b64decode(after)))
    assert image.mode == "P"
    assert len(after) < 0.6 * len(before)
    assert after == outputs.palette(before)


def test_solved_copies_carry_the_checked_outputs(course):
    notebooks.build_one(course)
    assert notebooks.solve_one(course) == []
    solved = outputs.load(workbook.target(course, workbook.SOLVED))
    checked = [c for c in solved.cells if "nbval-check-output" in tags(c)]
    assert [o.text for c in checked for o in c.outputs] == ["63\n"]


@pytest.mark.parametrize("arguments", [["build", "nobody"], ["check", "week99"]])
def test_an_unknown_notebook_is_one_line_and_status_2(arguments, capsys):
    assert notebooks.main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_change_of_prose_alone_keeps_the_outputs_without_a_run(course, capsys):
    notebooks.build_one(course)
    place = workbook.target(course)
    before = [c.outputs for c in outputs.load(place).cells if c.cell_type == "code"]
    rewrite(course, "# The line rises from 1 to 10.\n", "# The line rises.\n")
    assert notebooks.build_one(course) == []
    assert "only its prose changed" in capsys.readouterr().out
    after = outputs.load(place)
    assert [c.outputs for c in after.cells if c.cell_type == "code"] == before
    assert notebooks.differences(build(course), after) == []
