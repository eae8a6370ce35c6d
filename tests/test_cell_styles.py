"""What runs in a notebook runs in the sandbox: answers as people write their cells.

Each exercise's own solution is written in one of the styles, exercise after exercise another, and
one exercise in all of them. The cells run in a real kernel, where the check must say that all cases
agree, and in the sandbox, where they must get full marks.
"""

import ast
import os
import re
from functools import cache

import pytest
from jupyter_client.manager import start_new_kernel

from tests.support import coding_exercises, sandbox_places
from tools import workbook
from tools.assignment.notebook import notebook, solved_answers
from tools.grading import answers, judge, release

AFTER = {
    "help": "NAME?\nNAME??",
    "display": "display(NAME)\nfrom IPython.display import HTML\ndisplay(HTML('<b>x</b>'), 1)",
    "timeit": "t = %timeit -n 1 -r1 -o sum(range(9))\nassert t.average >= 0\n%timeit -n1 -r1 z = 3",
    "in a loop": "for i in range(2):\n    %time 1 + i\n    if i:\n        !ls | wc\n        %pwd",
    "history": "assert len(In) > 1 and Out is _oh and get_ipython().user_ns['In'] is In\n_\n5;",
    "shell object": "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().kernel\n"
    "from IPython import get_ipython as shell\nassert shell() is get_ipython()\nstr(shell())",
    "source": "import inspect\ndef own_helper(n):\n    return n\n"
    "assert 'own_helper(n)' in inspect.getsource(own_helper)",
    "cached njit": "from numba import njit\n@njit(cache=True)\ndef compiled(n):\n    return n + 1\n"
    "assert compiled(1) == 2",
    "pool": "import multiprocessing\ndef double(n):\n    return 2 * n\n"
    "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
    "    assert pool.map(double, [1, 2]) == [2, 4]",
    "main module": "import pickle, sys\nassert __name__ == '__main__'\nclass Own:\n    pass\n"
    "pickle.loads(pickle.dumps(Own()))\nassert sys.modules['__main__'].Own is Own",
    "await": "import asyncio\nawait asyncio.sleep(0)",
    "own magic": "from IPython.core.magic import register_line_magic\n@register_line_magic\n"
    "def whole(line):\n    return int(line)\nx = %whole 3\nassert x == 3",
    "own check": "CHECK",
}
BEFORE = {
    "files": "files = !ls\nassert isinstance(files, list), files\n",
    "continued": "!echo a \\\n   b\n%matplotlib inline\n",
    "a line that begins with %": "offset = (7\n% 4)\nassert offset == 3\n%time offset\n",
    "cell magic": "%%time\n",
    "captured": "%%capture printed\n",
    "indented": None,
    "split": None,
}
FORGET = """
for _name in [n for n in globals() if n[0] != "_" and n not in ("In", "Out", "get_ipython")]:
    del globals()[_name]
"""
STYLES = [*AFTER, *BEFORE]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return sandbox_places(tmp_path_factory)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A real kernel: a function that runs a cell and returns what it printed."""
    home = tmp_path_factory.mktemp("home")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
    environment |= {"HOME": str(home), "IPYTHONDIR": str(home), "PYTHONPATH": str(workbook.ROOT)}
    environment |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(home), env=environment)

    def run(code: str) -> str:
        printed: list[str] = []

        def hear(message):
            printed.append(message["content"].get("text", ""))
            printed.extend(message["content"].get("traceback", []))

        reply = client.execute_interactive(code, timeout=300, output_hook=hear, store_history=True)
        assert reply["content"]["status"] == "ok", f"{code}\n{''.join(printed)}"
        return "".join(printed)

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@cache
def assignment(keys: tuple[str, ...]):
    """Return (plan, {cell id: text} of what is handed out) of an assignment."""
    made = notebook("hw", dict.fromkeys(keys, 10.0))
    return release.plan(made)[0], {cell.id: cell.source for cell in made.cells}


def written(style: str, text: str, check: str) -> list[str]:
    """Return the cells in which somebody has written the answer `text`."""
    if style == "split":
        body = ast.parse(text).body
        line = body[-1].lineno - len(getattr(body[-1], "decorator_list", [])) - 1
        lines = ["half = 1", *text.split("\n")]
        return ["\n".join(lines[: line + 1]), "\n".join(lines[line + 1 :])]
    if style == "indented":
        return (
            ["\n".join(f"    {line}" for line in text.split("\n"))] if '"""' not in text else [text]
        )
    if style in BEFORE:
        return [BEFORE[style] + text]
    name = re.search(r"^(?:def|class) (\w+)|^(\w+)", text, re.MULTILINE)
    after = AFTER[style].replace("NAME", name[1] or name[2]).replace("CHECK", check)
    return [f"{text}\n{after}"]


def styled(step, handed_out, style: str) -> tuple[list[str], dict[str, str]]:
    """Return (the cells that the kernel runs, what the grader takes of them) for an exercise."""
    solved = solved_answers([step["key"]])
    cells, found = [], {}
    for identity in step["answers"]:
        last = identity == step["answers"][-1]
        parts = written(style, solved[identity], handed_out[step["check"]] if last else "")
        cells += parts
        as_saved = [(("new", identity), part, "code") for part in parts]
        found[identity], _ = answers.taken(identity, handed_out, as_saved)
    return cells, found


def both(kernel, places, keys: tuple[str, ...], styles: list[str]) -> None:
    """Hold that exercises written in these styles pass their checks and get full marks."""
    plan, handed_out = assignment(keys)
    texts: dict[str, str] = {}
    kernel(FORGET)
    for step, style in zip(plan, styles, strict=True):
        cells, found = styled(step, handed_out, style)
        texts |= found
        for cell in [*step["prelude"], *cells]:
            kernel(cell)
        said = kernel(handed_out[step["check"]])
        assert re.search(rf"✓ Exercise {re.escape(step['key'])}: ", said), (style, said)
    known = {"plan": plan, "seeds": dict.fromkeys(keys, 77), "timeout": None, "sandbox": True}
    marks = judge.judge(known, texts, places)
    lost = {k: m["comment"] for k, m in marks.items() if m["passed"] < m["total"]}
    assert lost == {}, styles


@pytest.mark.parametrize("style", STYLES)
def test_one_exercise_in_every_style(kernel, places, style):
    both(kernel, places, ("2.4",), [style])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("stem", [path.stem for path in workbook.sources()])
def test_every_exercise_in_one_of_the_styles(kernel, places, stem):
    order = {key: n for n, key in enumerate(coding_exercises())}
    keys = tuple(key for key, path in coding_exercises().items() if path.stem == stem)
    both(kernel, places, keys, [STYLES[(7 * order[key]) % len(STYLES)] for key in keys])
