"""What a cell does in a notebook, done without one: IPython's syntax, `display`, `_`, `In`, `Out`.

A copy of this file lies in the sandbox beside the package's. It runs the cells of an answer in a
real main module, translated by IPython's own transformer. A magic that measures runs its code once;
what only shows something, or is about the notebook and the machine, does nothing.
"""

import __future__

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import linecache
import os
import re
import subprocess
import sys
import tempfile
import time
import types
import warnings
from typing import Any

FUTURES = sum({getattr(__future__, n).compiler_flag for n in __future__.all_feature_names})
KERNEL = "ipykernel_answers"  # the folder of the cells' texts; numba knows a notebook by its name
SHELL_SECONDS = 1.0  # for a command whose output is used, `files = !ls`
# Magics that measure the code behind their options, and those options.
MEASURES = {
    "time": r"--no-raise-error|-q",
    "timeit": r"-[nrpv]\s*\w+|-[tcqo]+",
    "prun": r"-[lsTD]\s*\S+|-[rq]+",
    "memit": r"-[rti]\s*\S+|-[oc]+",
    "lprun": r"-[fmTDzu]\s*\S+|-[rs]+",
    "mprun": r"-[fT]\s*\S+|-[rc]+",
}
# Cells in other languages, or of text.
FOREIGN = (
    *("bash", "sh", "script", "perl", "ruby", "cmd", "python", "python2", "python3", "pypy"),
    *("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG", "R", "cython"),
)
PYLAB = """
import numpy
from matplotlib import pylab, pyplot
np, plt = numpy, pyplot
from pylab import *
from numpy import *
"""


class Main:
    """The module `__main__` of a notebook's kernel, and what its cells leave there."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.names = vars(self.module)
        self.shell = ZMQInteractiveShell(self)
        self._count, self._flags, self._loop = 0, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, None
        self._last = ["", "", ""]
        self._folder = os.path.join(tempfile.gettempdir(), KERNEL)
        given = {"display": Nothing(), "get_ipython": lambda: self.shell}
        vars(builtins).update(given | {"__IPYTHON__": True})
        self.names.update(given | {"In": [""], "Out": {}, "_exit_code": 0, "_dh": [os.getcwd()]})
        self.names.update({"_ih": self.names["In"], "_oh": self.names["Out"]})
        self.names.update(dict.fromkeys(("_", "__", "___", "_i", "_ii", "_iii"), ""))
        sys.modules["__main__"] = self.module

    def run(self, cell: str) -> None:
        """Run a cell; the value of its last expression becomes `_` and `Out[n]`."""
        self._count += 1
        source = self.translate(cell)
        self._meet_ipython(cell)
        inputs = {"_i": cell, "_ii": self.names["_i"], "_iii": self.names["_ii"]}
        self.names.update(inputs | {f"_i{self._count}": cell})
        self.names["In"].append(source)
        value = self.execute(source)
        if value is not None and not source.rstrip().endswith(";"):
            self._show(value)

    def translate(self, cell: str) -> str:
        """Return the Python text of a cell."""
        with warnings.catch_warnings(), contextlib.suppress(SyntaxError, ValueError):
            warnings.simplefilter("ignore")
            ast.parse(cell)
            return cell
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager().transform_cell(cell)

    def execute(self, source: str) -> Any:
        """Run Python text, `await` outside functions too; return its last expression's value."""
        name = self._remember(source)
        tree = compile(source, name, "exec", self._flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        for transformer in self.shell.ast_transformers:
            with contextlib.suppress(Exception):
                tree = transformer.visit(tree)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        self._evaluate(tree, name, "exec")
        return self._evaluate(ast.Expression(last.value), name, "eval") if last else None

    def _evaluate(self, tree: ast.Module | ast.Expression, name: str, mode: str) -> Any:
        code = compile(tree, name, mode, self._flags, dont_inherit=True)
        self._flags |= code.co_flags & FUTURES
        value = eval(code, self.names)
        if not code.co_flags & inspect.CO_COROUTINE:
            return value
        self._loop = self._loop or asyncio.new_event_loop()
        return self._loop.run_until_complete(value)

    def _remember(self, source: str) -> str:
        """Return the name of a file with this text, for whoever asks for an answer's source."""
        name = os.path.join(self._folder, f"{len(self.names['In'])}-{abs(hash(source))}.py")
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        with contextlib.suppress(OSError, ValueError):
            os.makedirs(self._folder, exist_ok=True)
            with open(name, "w", encoding="utf-8", newline="") as file:
                file.write(source)
        return name

    def _show(self, value: Any) -> None:
        """Do what IPython's display hook does, short of displaying."""
        self.names["Out"][self._count] = self.names[f"_{self._count}"] = value
        short = ("_", "__", "___")
        if all(self.names.get(n) is v for n, v in zip(short, self._last, strict=True)):
            self._last = [value, *self._last[:2]]
            self.names.update(zip(short, self._last, strict=True))

    def _meet_ipython(self, cell: str) -> None:
        """Let `from IPython import get_ipython` find the shell, too."""
        if "IPython" in cell or "IPython" in sys.modules:
            import IPython.core.getipython

            IPython.get_ipython = IPython.core.getipython.get_ipython = lambda: self.shell


class Nothing:
    """What a notebook's own machinery is here: it can be called, asked and indexed, in vain."""

    def __call__(self, *given: Any, **named: Any) -> "Nothing":
        return self

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> "Nothing":
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __bool__(self) -> bool:
        return False


class ZMQInteractiveShell:
    """What `get_ipython()` returns; named as in a kernel, since programs ask for the name."""

    def __init__(self, main: Main) -> None:
        self._main, self._own = main, {"line": {}, "cell": {}}
        self.user_ns = self.user_global_ns = main.names
        self.user_module, self.config, self.ast_transformers = main.module, {}, []

    def __getattr__(self, name: str) -> Nothing:
        return getattr(Nothing(), name)

    @property
    def execution_count(self) -> int:
        return self._main._count

    def run_cell(self, cell: str, *_: Any, **__: Any) -> None:
        self._main.execute(self._main.translate(cell))

    ex = run_cell

    def ev(self, expression: str) -> Any:
        return eval(expression, self.user_ns)

    def push(self, names: dict[str, Any], *_: Any, **__: Any) -> None:
        self.user_ns.update(names)

    def magic(self, line: str) -> Any:
        name, _, rest = line.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def register_magic_function(self, function: Any, magic_kind: str = "line", magic_name: Any = 0):
        for kind in ("line", "cell") if magic_kind == "line_cell" else (magic_kind,):
            self._own[kind][magic_name or function.__name__] = function

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        """Run a magic; what goes wrong in code that is only measured costs no mark."""
        if name in self._own["line"]:
            return self._own["line"][name](line)
        if name in MEASURES:
            with contextlib.suppress(Exception):
                return self._measure(name, line, None)
            return None
        if name in ("sx", "system"):
            return self.getoutput(line)
        if name == "pwd":
            return os.getcwd()
        if name == "who_ls":
            return sorted(n for n in self.user_ns if not n.startswith("_"))
        if name in ("env", "set_env"):
            variable, equals, value = line.partition("=")
            if equals:
                os.environ[variable.strip()] = value.strip()
            return dict(os.environ) if not line.strip() else os.environ.get(variable.strip())
        if name == "pylab":
            self._main.execute(PYLAB)
        return None

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        if name in self._own["cell"]:
            return self._own["cell"][name](line, cell)
        if name in ("sx", "system", "!"):
            return self.getoutput(cell)
        if name in ("writefile", "file"):
            *options, place = line.split()
            with open(place, "a" if "-a" in options else "w", encoding="utf-8") as file:
                file.write(cell)
            return None
        if name in FOREIGN:
            return None
        if name == "capture":
            return self._capture(line, cell)
        return self._measure(name, line, cell)

    def system(self, command: str) -> None:
        self.user_ns["_exit_code"] = 0

    system_piped = system_raw = system

    def getoutput(self, command: str, *_: Any, **__: Any) -> Any:
        """Return what a command prints, nothing when it takes too long."""
        from IPython.utils.text import DollarFormatter, SList

        with contextlib.suppress(Exception):
            command = DollarFormatter().vformat(command, (), self.user_ns)
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        words, limit = ["/bin/sh", "-c", command], SHELL_SECONDS
        try:
            printed = subprocess.run(words, **quiet, stdout=-1, timeout=limit, check=False).stdout
        except (OSError, ValueError, subprocess.SubprocessError):
            printed = b""
        return SList(printed.decode(errors="replace").splitlines())

    def _measure(self, name: str, line: str, cell: str | None) -> Any:
        options = MEASURES.get(name, r"-\S+")
        code = re.sub(rf"^\s*((?:{options})(?:\s+|$))*", "", line)
        shown, start = line[: len(line) - len(code)], time.perf_counter()
        if name == "timeit":
            self._in_a_function(code if cell is None else cell, "" if cell is None else code)
        else:
            value = self._main.execute(self._main.translate(code if cell is None else cell))
        took = time.perf_counter() - start
        if name == "timeit":
            from IPython.core.magics.execution import TimeitResult

            return TimeitResult(1, 1, took, took, [took], 0.0, 3) if "o" in shown else None
        return None if name in ("prun", "lprun", "mprun", "memit") else value

    def _in_a_function(self, code: str, setup: str) -> None:
        """Run code as `timeit` does: what it binds is its own."""
        tree = ast.parse("def timed(): pass")
        for part in (setup, code):
            tree.body[0].body += ast.parse(self._main.translate(part)).body  # type: ignore[attr-defined]
        own: dict[str, Any] = {}
        exec(compile(ast.fix_missing_locations(tree), "<timed>", "exec"), self.user_ns, own)
        own["timed"]()

    def _capture(self, line: str, cell: str) -> None:
        from IPython.utils.capture import CapturedIO

        printed, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            self._main.execute(self._main.translate(cell))
        for name in [word for word in line.split() if not word.startswith("-")][:1]:
            self.user_ns[name] = CapturedIO(printed, errors, [])
