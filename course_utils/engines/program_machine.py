"""A compiled stack machine for the programs of `maths.sequence_programs`.

A program is written here as its tokens in prefix order: `loop(y * x, x, 1)` is loop * y x x 1. It
is compiled to instructions of a machine with a stack and runs on one number. Numbers stay below
2^62 and runs below a bound of steps; a program that passes either has no value. Nothing recurses,
so the compiled functions can be cached.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

TOKENS = ("0", "1", "2", "x", "y", "+", "-", "*", "div", "mod", "cond", "loop", "loop2", "compr")
ARITY = np.array([0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 3, 3, 5, 2], np.int64)
LONGEST = 24  # tokens of a program
STEPS = 2_000  # of a program on one number; more find hardly more and cost much
LIMIT = 1 << 62
# Instructions: the tokens 0 to 9, and these.
_POSITIVE, _JUMP, _ENTER, _ENTER2, _ENTERC, _AGAIN, _AGAIN2, _AGAINC = range(10, 18)
_NODE, _LABEL = 64, 65  # of the compiler's list of work; anything smaller is an instruction


def text(tokens: NDArray[np.int64]) -> str:
    """Return the program that `maths.sequence_programs` reads, with as few parentheses as it needs.

    >>> text(np.array([11, 7, 4, 3, 3, 1]))
    'loop(y * x, x, 1)'
    """
    strength = {"+": 1, "-": 1, "*": 2, "div": 2, "mod": 2}
    stack: list[tuple[str, int]] = []
    for token in reversed([int(t) for t in tokens]):
        name, arity = TOKENS[token], int(ARITY[token])
        parts = [stack.pop() for _ in range(arity)]
        if name in strength:
            level = strength[name]
            left, right = (
                f"({s})" if power < level + (k == 1) else s for k, (s, power) in enumerate(parts)
            )
            stack.append((f"{left} {name} {right}", level))
        elif parts:
            stack.append((f"{name}({', '.join(s for s, _ in parts)})", 3))
        else:
            stack.append((name, 3))
    (whole, _), *rest = stack
    if rest:
        raise ValueError(f"tokens must be one program in prefix order, got {list(tokens)!r:.80}")
    return whole


def values(tokens: NDArray[np.int64], count: int) -> list[int | None]:
    """Return the program's values at 0, …, count − 1; None from the first that has none on.

    >>> values(np.array([11, 7, 4, 3, 3, 1]), 6)
    [1, 1, 2, 6, 24, 120]
    """
    program = np.zeros(LONGEST, np.int64)
    program[: len(tokens)] = tokens
    operations, given = np.zeros(4 * LONGEST, np.int64), np.zeros(4 * LONGEST, np.int64)
    length = compile_program(program, len(tokens), operations, given)
    found: list[int | None] = []
    for n in range(count):
        value, good = run_program(operations, given, length, n)
        if not good:
            return found + [None] * (count - n)
        found.append(int(value))
    return found


@njit("int64(int64[::1], int64, int64[::1], int64[::1])", cache=True)
def compile_program(program, size, operations, given):
    """Write the stack machine's instructions; return how many.

    A loop over `body` is (enter, end) body (again, start), as in `maths.sequence_programs`.
    """
    after = np.zeros(LONGEST + 1, np.int64)  # where the tokens below each token end
    for p in range(size - 1, -1, -1):
        end = p + 1
        for _ in range(ARITY[program[p]]):
            end = after[end]
        after[p] = end
    kinds, data = np.zeros(16 * LONGEST, np.int64), np.zeros(16 * LONGEST, np.int64)
    labels = np.zeros(4 * LONGEST, np.int64)
    parts = np.zeros(5, np.int64)
    plan_kind, plan_data = np.zeros(12, np.int64), np.zeros(12, np.int64)
    kinds[0], data[0], count, length, named = _NODE, 0, 1, 0, 0
    while count:
        count -= 1
        kind, p = kinds[count], data[count]
        if kind == _LABEL:
            labels[p] = length
            continue
        if kind < _NODE:
            operations[length], given[length] = kind, p
            length += 1
            continue
        token, end = program[p], p + 1
        for i in range(ARITY[token]):
            parts[i] = end
            end = after[end]
        n = 0
        if token <= 4:
            operations[length] = token
            length += 1
        elif token <= 9:
            n = 3
            plan_kind[0], plan_data[0] = _NODE, parts[0]
            plan_kind[1], plan_data[1] = _NODE, parts[1]
            plan_kind[2], plan_data[2] = token, 0
        elif token == 10:
            n = 7
            plan_kind[0], plan_data[0] = _NODE, parts[0]
            plan_kind[1], plan_data[1] = _POSITIVE, named
            plan_kind[2], plan_data[2] = _NODE, parts[1]
            plan_kind[3], plan_data[3] = _JUMP, named + 1
            plan_kind[4], plan_data[4] = _LABEL, named
            plan_kind[5], plan_data[5] = _NODE, parts[2]
            plan_kind[6], plan_data[6] = _LABEL, named + 1
            named += 2
        else:
            bodies = 2 if token == 12 else 1
            for i in range(bodies, ARITY[token]):
                plan_kind[n], plan_data[n] = _NODE, parts[i]
                n += 1
            plan_kind[n], plan_data[n] = _ENTER + token - 11, named
            plan_kind[n + 1], plan_data[n + 1] = _LABEL, named + 1
            n += 2
            for i in range(bodies):
                plan_kind[n], plan_data[n] = _NODE, parts[i]
                n += 1
            plan_kind[n], plan_data[n] = _AGAIN + token - 11, named + 1
            plan_kind[n + 1], plan_data[n + 1] = _LABEL, named
            n += 2
            named += 2
        for i in range(n - 1, -1, -1):
            kinds[count], data[count] = plan_kind[i], plan_data[i]
            count += 1
    for k in range(length):
        if operations[k] >= _POSITIVE:
            given[k] = labels[given[k]]
    return length


@njit("Tuple((int64, boolean))(int64[::1], int64[::1], int64, int64)", cache=True)
def run_program(operations, given, length, n):
    """Return (value at n, whether there is one)."""
    stack = np.zeros(2 * LONGEST, np.int64)
    outer_x, outer_y = np.zeros(LONGEST, np.int64), np.zeros(LONGEST, np.int64)
    left = np.zeros(LONGEST, np.int64)
    top, frame, x, y, place, steps = 0, 0, n, 0, 0, 0
    while place < length:
        steps += 1
        if steps > STEPS:
            return 0, False
        name, target = operations[place], given[place]
        place += 1
        if name <= 4:
            stack[top] = x if name == 3 else (y if name == 4 else name)
            top += 1
        elif name <= 9:
            top -= 1
            a, b = stack[top - 1], stack[top]
            if name == 5:
                value = a + b
            elif name == 6:
                value = a - b
            elif name == 7:
                if abs(np.float64(a) * np.float64(b)) > 4.6e18:
                    return 0, False
                value = a * b
            elif b == 0:
                return 0, False
            else:
                value = a // b if name == 8 else a % b
            if not -LIMIT < value < LIMIT:
                return 0, False
            stack[top - 1] = value
        elif name == _POSITIVE:
            top -= 1
            if stack[top] > 0:
                place = target
        elif name == _JUMP:
            place = target
        elif name == _ENTERC:
            top -= 1
            outer_x[frame], outer_y[frame], left[frame] = x, y, max(stack[top], 0)
            frame += 1
            x, y = 0, 0
        elif name in (_ENTER, _ENTER2):
            second = 1
            if name == _ENTER2:
                top -= 1
                second = stack[top]
            top -= 2
            times, start = stack[top], stack[top + 1]
            if times > 0:
                outer_x[frame], outer_y[frame], left[frame] = x, y, times
                frame += 1
                x, y = start, second
            else:
                stack[top] = start
                top += 1
                place = target
        elif name == _AGAINC:
            top -= 1
            if stack[top] <= 0:
                left[frame - 1] -= 1
            if left[frame - 1] >= 0:
                x, place = x + 1, target
            else:
                stack[top] = x
                top += 1
                frame -= 1
                x, y = outer_x[frame], outer_y[frame]
        else:
            second = y + 1
            if name == _AGAIN2:
                top -= 1
                second = stack[top]
            left[frame - 1] -= 1
            if left[frame - 1] > 0:
                top -= 1
                x, y, place = stack[top], second, target
            else:
                frame -= 1
                x, y = outer_x[frame], outer_y[frame]
    return stack[0], True
