"""How a notebook starts, scales, shows progress and states results.

Environment variables, all optional:

- `COURSE_SCALE=paper`: published sizes instead of laptop sizes;
- `COURSE_STRICT=1`: a failed claim or check raises; `solved`: so does an open exercise;
- `COURSE_CLAIMS=FILE`: every claim is appended to FILE as a line of JSON;
- `COURSE_SEED=K`, `COURSE_THREADS=T`: shift every seed, use T torch threads (for finding bands).
"""

import ast
import json
import math
import numbers
import os
import random
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from tqdm.auto import tqdm

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


def setup(seed: int = 0) -> None:
    """Start a notebook: seed Python, numpy and torch, use one torch thread, set the plot style.

    Args:
        seed: the notebook's seed, >= 0; COURSE_SEED shifts it.

    Raises:
        ValueError: `seed` is negative, or an environment variable above has a value not listed.
    """
    import torch

    from course_utils import plotting

    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    strict()
    scale(laptop=None, paper=None)
    torch.set_num_threads(_environment_integer("COURSE_THREADS", 1, least=1))
    shifted = _shift() + seed
    random.seed(shifted)
    np.random.seed(shifted)  # noqa: NPY002 - for readers' cells and libraries that use it
    torch.manual_seed(shifted)
    plotting.use_style()
    _show_sentences_only()


def rng(seed: int = 0) -> np.random.Generator:
    """Return a numpy generator for this seed, shifted by COURSE_SEED.

    >>> bool(rng(1).integers(10**9) == rng(1).integers(10**9))
    True
    """
    return np.random.default_rng([_shift(), seed])


def seeds(count: int) -> list[int]:
    """Return `count` seeds for repeated runs, shifted by COURSE_SEED.

    >>> len(seeds(5))
    5
    """
    if count < 1:
        raise ValueError(f"count must be >= 1, got {count}")
    return [_shift() + i for i in range(count)]


def device() -> "torch.device":
    """Return the GPU when CUDA has one, else the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def scale(*, laptop: T, paper: T) -> T:
    """Return `laptop`, or `paper` where COURSE_SCALE=paper asks for the published size.

    >>> scale(laptop=10_000, paper=1_000_000)
    10000
    """
    wanted = os.environ.get("COURSE_SCALE", "laptop")
    if wanted not in ("laptop", "paper"):
        raise ValueError(f"COURSE_SCALE must be 'laptop' or 'paper', got {wanted!r}")
    return paper if wanted == "paper" else laptop


def strict() -> str:
    """Return the strict mode: '' (a notebook never stops its reader), '1' or 'solved'."""
    mode = os.environ.get("COURSE_STRICT", "")
    if mode not in ("", "1", "solved"):
        raise ValueError(f"COURSE_STRICT must be empty, '1' or 'solved', got {mode!r}")
    return mode


def progress(items: Iterable[T], desc: str = "", total: int | None = None) -> Iterable[T]:
    """Wrap `items` in a progress bar: visible to a reader, silent when notebooks are tested."""
    return tqdm(items, desc=desc, total=total, leave=False, disable=bool(strict()))


def claim(text: str, value: Any, *, low: float, high: float) -> Any:
    """State a result: show `value` beside its band `low … high`, and return it.

    Args:
        text: what is measured.
        value: a real number (Python, numpy, or a tensor of one element).
        low, high: the band, ends included; low = high states an exact value.

    Returns:
        `value` as given.

    Raises:
        TypeError: `value` is not a real number.
        ValueError: the band is empty or NaN.
        AssertionError: the band is missed and COURSE_STRICT is set; otherwise a ✗ is shown.

    >>> claim("M(10^6)", 212, low=212, high=212)
    ✓ M(10^6): 212 (exact)
    212
    """
    if not low <= high:
        raise ValueError(f"low <= high must hold, got low={low!r}, high={high!r}")
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool | np.bool_) or not isinstance(number, numbers.Real):
        raise TypeError(f"value must be a real number, got {number!r:.80}")
    holds = bool(low <= number <= high)
    band = "exact" if low == high else f"band {_short(low)} … {_short(high)}"
    if low == high and not holds:
        band = f"expected exactly {_short(low)}"
    line = f"{'✓' if holds else '✗'} {text}: {_short(number)} ({band})"
    print(line)
    if path := os.environ.get("COURSE_CLAIMS"):
        record = {"text": text, "value": float(number), "low": float(low), "high": float(high)}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    if strict() and not holds:
        raise AssertionError(line)
    return value


class _Sentences(ast.NodeTransformer):
    """Drops the value of a cell's last line when that line is a claim or a check."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        last = node.body[-1] if node.body else None
        call = last.value if isinstance(last, ast.Expr) else None
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("claim", "check"):
            quiet = ast.Assign([ast.Name("_", ast.Store())], call)
            node.body[-1] = ast.fix_missing_locations(ast.copy_location(quiet, last))
        return node


def _show_sentences_only() -> None:
    """In IPython, let a line `claim(…)` or `check(…)` show its sentence and not its value again."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        kept = [t for t in shell.ast_transformers if type(t).__name__ != _Sentences.__name__]
        shell.ast_transformers[:] = [*kept, _Sentences()]


def _short(number: numbers.Real) -> str:
    if isinstance(number, numbers.Rational) or (abs(number) < 1e15 and number == int(number)):
        return str(int(number) if number == int(number) else number)
    return f"{float(number):.4g}" if math.isfinite(number) else str(float(number))


def _environment_integer(name: str, default: int, least: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise ValueError(f"{name} must be an integer >= {least}, got {text!r}")
    return int(text)


def _shift() -> int:
    return 1000 * _environment_integer("COURSE_SEED", 0, least=0)
