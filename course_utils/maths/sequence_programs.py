"""Programs for integer sequences: a small language with loops, run exactly and within bounds.

Expressions over the atoms 0 1 2 x y; the value of a program at n is its value with x = n, y = 0.

- `a + b`, `a - b`, `a * b`, `a div b`, `a mod b`: integers; div and mod round down, as Python's //
  and %; precedence as in Python, from the left, no unary minus;
- `cond(a, b, c)`: b if a <= 0, else c; only the one that is wanted is computed;
- `loop(f, a, b)`: x := b, then x := f(x, y) for y = 1, …, a; the result is x;
- `loop2(f, g, a, b, c)`: (x, y) := (b, c), then a times (x, y) := (f(x, y), g(x, y)) at once; x;
- `compr(f, a)`: the (a + 1)-th x >= 0 with f(x, 0) <= 0, the first one where a <= 0.

a <= 0 means no iteration in a loop. Source: the language of T. Gauthier and J. Urban, arXiv
2202.11908. A program is compiled to instructions of a stack machine: nothing here recurses, so that
no nesting is too deep, and every instruction is counted, so that no program runs for ever.
"""

import operator
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

STEPS = 3_000_000  # of one call of `terms`; work on long integers counts more
BITS = 100_000  # of a number
_WORD = 1 << 62
_TOKEN = re.compile(r"\s*(?:(\d+|[A-Za-z_]\w*)|(.))", re.DOTALL)
_ATOMS = {"0", "1", "2", "x", "y"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "div": 2, "mod": 2}
_ARITY = {"cond": 3, "loop": 3, "loop2": 5, "compr": 2}
_INFIX: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": operator.floordiv,
    "mod": operator.mod,
}


class Node(NamedTuple):
    """An expression: an atom, an operator, or a function, with its arguments."""

    name: str
    arguments: tuple["Node", ...] = ()


def terms(program: str, count: int) -> list[int]:
    """Return the first `count` values of a program: n = 0, 1, …, exactly.

    Args:
        program: a text of the language above.
        count: number of values, an integer >= 0.

    Returns:
        Python integers, as many as `count` says.

    Raises:
        ValueError: a text outside the language, a division by zero, a negative `count`, more than
            STEPS steps in all, or a number of more than BITS bits.

    Introduced in week 14.

    >>> terms("loop(y * x, x, 1)", 8)
    [1, 1, 2, 6, 24, 120, 720, 5040]
    >>> terms("loop2(x + y, x, x, 0, 1)", 8)
    [0, 1, 1, 2, 3, 5, 8, 13]
    """
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 0:
        raise ValueError(f"count must be an integer >= 0, got {count!r:.80}")
    code, left, found = compiled(parse(program)), STEPS, []
    for n in range(int(count)):
        value, left = _run(code, n, left)
        found.append(value)
    return found


def parse(program: str) -> Node:
    """Return the expression that a text of the language stands for; ValueError says what is wrong.

    >>> expression = parse("x + 1 * y")
    >>> expression.name, [part.name for part in expression.arguments]
    ('+', ['x', '*'])
    """
    if not isinstance(program, str):
        raise ValueError(f"program must be a text, got {program!r:.80}")
    values: list[Node] = []
    waiting: list[str] = []  # operators, "(" and names of functions with the parenthesis open
    opened: list[int] = []  # for each open parenthesis: how many values stood before it
    operand = True  # whether an operand must come next

    def apply(until: int) -> None:
        while waiting and _PRECEDENCE.get(waiting[-1], 0) >= until:
            right, left = values.pop(), values.pop()
            values.append(Node(waiting.pop(), (left, right)))

    tokens = [word or sign for word, sign in _TOKEN.findall(program.rstrip())]
    for place, token in enumerate(tokens):
        follows = tokens[place + 1] if place + 1 < len(tokens) else ""
        if operand and token in _ATOMS:
            values.append(Node(token))
            operand = False
        elif operand and token in _ARITY and follows == "(":
            waiting.append(token)
        elif operand and token == "(":
            if not waiting or waiting[-1] not in _ARITY or tokens[place - 1] != waiting[-1]:
                waiting.append("(")
            opened.append(len(values))
        elif not operand and token in _PRECEDENCE:
            apply(_PRECEDENCE[token])
            waiting.append(token)
            operand = True
        elif not operand and token == "," and opened:
            apply(1)
            if waiting[-1] == "(":
                raise ValueError(
                    f"program has a comma outside a function's arguments: {program!r:.80}"
                )
            operand = True
        elif not operand and token == ")" and opened:
            apply(1)
            _close(waiting.pop(), values, opened.pop(), program)
        else:
            wanted = "an atom, a function or '('" if operand else "an operator, ',' or ')'"
            raise ValueError(
                f"program has {token!r:.20} where {wanted} must stand: {program!r:.80}"
            )
    if operand or opened:
        raise ValueError(f"program ends too early: {program!r:.80}")
    apply(1)
    return values.pop()


def _close(name: str, values: list[Node], start: int, program: str) -> None:
    """Make one node of the values since `start`, the arguments of a function."""
    if name == "(":
        return
    arguments = tuple(values[start:])
    if len(arguments) != _ARITY[name]:
        wanted = f"{name} takes {_ARITY[name]} arguments, got {len(arguments)}"
        raise ValueError(f"program is wrong, {wanted}: {program!r:.80}")
    values[start:] = [Node(name, arguments)]


def compiled(expression: Node) -> list[tuple]:
    """Return the instructions (name, what it needs) of an expression, for a machine with a stack.

    A loop over `body` is (enter, end) body (again, start): `enter` opens a frame or jumps to `end`,
    `again` starts the body once more or closes the frame and leaves the result. Places of the code
    are lists of one number, filled in when they are reached.
    """
    code: list[tuple[str, object]] = []
    work: list[Node | Callable[[], None]] = [expression]

    def put(name: str, given: object) -> Callable[[], None]:
        return lambda: code.append((name, given))

    def here(place: list[int]) -> Callable[[], None]:
        return lambda: place.append(len(code))

    while work:
        item = work.pop()
        if not isinstance(item, Node):
            item()
            continue
        name, parts = item
        if not parts:
            code.append((name, None) if name in ("x", "y") else ("number", int(name)))
        elif name in _INFIX:
            work += [put(name, _INFIX[name]), parts[1], parts[0]]
        elif name == "cond":
            other, end = [], []
            plan = [parts[0], put("positive", other), parts[1], put("jump", end)]
            work += [*plan, here(other), parts[2], here(end)][::-1]
        else:
            bodies = 2 if name == "loop2" else 1
            start, end = [], []
            plan = [*parts[bodies:], put("enter " + name, end), here(start), *parts[:bodies]]
            work += [*plan, put("again " + name, start), here(end)][::-1]
    return code


def _run(code: list[tuple], n: int, left: int) -> tuple[int, int]:
    """Return the value with x = n, y = 0, and how many steps are left."""
    stack: list[int] = []
    frames: list[list[int]] = []  # [outer x, outer y, iterations left]
    x, y, place, end = n, 0, 0, len(code)
    while place < end:
        name, given = code[place]
        place, left = place + 1, left - 1
        if left < 0:
            raise ValueError(f"program passes its bound of {STEPS} steps, at n = {n}")
        if name == "x":
            stack.append(x)
        elif name == "y":
            stack.append(y)
        elif name in _INFIX:
            right, first = stack.pop(), stack.pop()
            if not (-_WORD < first < _WORD and 0 < right < _WORD):  # all else is cheap and small
                left -= _cost(name, first, right, n)
            stack.append(given(first, right))
        elif name == "number":
            stack.append(given)
        elif name == "again loop":
            frame = frames[-1]
            frame[2] -= 1
            if frame[2]:
                x, y, place = stack.pop(), y + 1, given[0]
            else:
                x, y, _ = frames.pop()
        elif name == "again loop2":
            frame, second = frames[-1], stack.pop()
            frame[2] -= 1
            if frame[2]:
                x, y, place = stack.pop(), second, given[0]
            else:
                x, y, _ = frames.pop()
        elif name == "again compr":
            frame = frames[-1]
            frame[2] -= stack.pop() <= 0
            if frame[2] >= 0:
                x, place = x + 1, given[0]
            else:
                stack.append(x)
                x, y, _ = frames.pop()
        elif name == "enter compr":
            frames.append([x, y, max(stack.pop(), 0)])
            x, y = 0, 0
        elif name in ("enter loop", "enter loop2"):
            second = stack.pop() if name == "enter loop2" else 1
            first, times = stack.pop(), stack.pop()
            if times > 0:
                frames.append([x, y, times])
                x, y = first, second
            else:
                stack.append(first)
                place = given[0]
        elif name == "jump" or stack.pop() > 0:  # "positive" jumps where the value is
            place = given[0]
    return stack.pop(), left


def _cost(name: str, first: int, right: int, n: int) -> int:
    """Return the steps beyond one of `first name right`; ValueError when it cannot be."""
    bits = first.bit_length(), right.bit_length()
    if name in ("div", "mod") and right == 0:
        raise ValueError(f"program divides by zero, at n = {n}")
    size = sum(bits) if name == "*" else max(bits)
    if size > BITS:
        raise ValueError(f"program makes a number of more than {BITS} bits, at n = {n}")
    return max(bits) >> 12 if name in "+-" else bits[0] * bits[1] >> 18
