"""Week 4: what "correct" means for its exercises, and the answers the notebook goes on with."""

import functools
import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.dynamics import LYAPUNOV

Array = NDArray[np.float64]
Box = tuple[int, Array, Array]


def close(value: Any, expected: Any, what: str, tolerance: float = 1e-9) -> None:
    """Assert that two arrays agree, relative to the largest entry; name the first that does not."""
    expected = np.asarray(expected, float)
    answer = as_array(value, expected.shape, what)
    assert answer.dtype.kind != "c", f"{what} returned complex numbers, expected real ones"
    size = tolerance * (1 + np.abs(expected).max(initial=0))
    for i, (ours, theirs) in enumerate(zip(answer.ravel(), expected.ravel(), strict=True)):
        place = f" (entry {i} of {expected.size})" if expected.size > 1 else ""
        assert abs(ours - theirs) <= size, f"{what} returned {ours:.8g}, not {theirs:.8g}{place}"


# 4.1 Dropout: the mean over all masks is a finite sum.


def dropout_risk(X: Array, y: Array, beta: Array, keep: float) -> float:
    """Expected squared error of dropout: that of least squares and a ridge on scaled columns."""
    ridge = (1 - keep) / keep * ((X**2).sum(axis=0) * beta**2).sum()
    return float(((y - X @ beta) ** 2).sum() + ridge)


def dropout_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.eye(2), np.array([1.0, 2.0]), np.array([1.0, 1.0]), 0.5]
    for p in (1, 2, 3, 5, 8):
        X = rng.normal(size=(int(rng.integers(1, 6)), p)).round(2)
        y, beta = rng.normal(size=len(X)).round(2), rng.normal(size=p).round(2)
        yield [X, y, beta, round(float(rng.uniform(0.2, 0.9)), 2)]


def dropout_verify(instance: list, answer: Any) -> None:
    X, y, beta, keep = instance
    mean = 0.0
    for mask in itertools.product((0, 1), repeat=len(beta)):
        chance = keep ** sum(mask) * (1 - keep) ** (len(mask) - sum(mask))
        mean += chance * ((y - (X * np.array(mask) / keep) @ beta) ** 2).sum()
    what = f"dropout_risk with p = {len(beta)}, keep = {keep}"
    value = as_float(answer, what)
    masks = f"the mean over all {2 ** len(beta)} masks is {mean:.8g}"
    assert abs(value - mean) <= 1e-9 * (1 + mean), f"{what} returned {value:.8g}: {masks}"


DROPOUT = Exercise(
    "4.1", "Dropout is a ridge", dropout_instances, lambda f, i: f(*i), dropout_verify
)

# 4.2 Leave-one-out: refit without each point in turn.


def leave_one_out(X: Array, y: Array, ridge: float) -> Array:
    """Residuals r_i / (1 - H_ii) of ridge regression: each point judged by the others' fit."""
    H = X @ np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T)
    return (y - H @ y) / (1 - np.diag(H))


def loo_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.array([[1.0], [1.0], [1.0]]), np.array([1.0, 2.0, 6.0]), 0.0]
    for n, p in ((4, 1), (6, 2), (9, 4), (15, 6)):
        X = rng.normal(size=(n, p)).round(2)
        yield [X, rng.normal(size=n).round(2), float(rng.choice([0.1, 1.0, 3.0]))]
    yield [rng.normal(size=(3000, 400)), rng.normal(size=3000), 1.0]  # too many for n refits


def loo_verify(instance: list, answer: Any) -> None:
    """Refitted without row i: for every i, or for some where there are many."""
    X, y, ridge = instance
    what = f"leave_one_out with n, p = {X.shape}, ridge = {ridge}"
    found, rows = as_array(answer, (len(y),), what), range(0, len(y), 1 + len(y) // 20)
    expected = []
    for i in rows:
        A, target = np.delete(X, i, axis=0), np.delete(y, i)
        beta = np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ target)
        expected.append(y[i] - X[i] @ beta)
    close(found[list(rows)], expected, what)


LOO = Exercise(
    "4.2", "Leave one out without refitting", loo_instances, lambda f, i: f(*i), loo_verify, 10
)

# 4.3 One LSTM step, against scalar loops.


def lstm_step(x: Array, h: Array, c: Array, W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array):
    """One step of torch's LSTM: returns the new hidden state and the new cell."""
    i, f, g, o = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
    gate = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    c = gate(f) * c + gate(i) * np.tanh(g)
    return gate(o) * np.tanh(c), c


def lstm_instances(rng: np.random.Generator) -> Iterator[list]:
    for features, units, second in (
        (1, 1, 0.0),
        (1, 2, 0.0),
        (2, 2, 1.0),
        (3, 4, 1.0),
        (2, 5, 1.0),
    ):
        draw = lambda *shape: rng.normal(size=shape).round(2)  # noqa: E731
        weights = [draw(4 * units, features), draw(4 * units, units), draw(4 * units)]
        yield [draw(features), draw(units), draw(units), *weights, second * draw(4 * units)]


def lstm_verify(instance: list, answer: Any) -> None:
    x, h, c, W_ih, W_hh, b_ih, b_hh = instance
    n = len(h)

    def before(row: int) -> float:
        total = b_ih[row] + b_hh[row]
        total += sum(W_ih[row, j] * x[j] for j in range(len(x)))
        return float(total + sum(W_hh[row, j] * h[j] for j in range(n)))

    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    cells = [
        sigmoid(before(n + j)) * c[j] + sigmoid(before(j)) * np.tanh(before(2 * n + j))
        for j in range(n)
    ]
    hidden = [sigmoid(before(3 * n + j)) * np.tanh(cells[j]) for j in range(n)]
    pair = isinstance(answer, tuple | list) and len(answer) == 2
    assert pair, "lstm_step must return the pair (new hidden state, new cell)"
    what = f"lstm_step with {len(x)} inputs and {n} units"
    close(answer[1], cells, f"{what}: the new cell")
    close(answer[0], hidden, f"{what}: the new hidden state")


LSTM = Exercise("4.3", "One step of an LSTM", lstm_instances, lambda f, i: f(*i), lstm_verify)

# 4.5 Snapping: the nearest integer unit after rescaling.


def snap(w: Array, u: Array, b: Array) -> tuple[NDArray, NDArray, NDArray]:
    """Scale every unit to |u| = 1 (relu is homogeneous) and round its weights to integers."""
    rounded = np.round(w), np.sign(u), np.round(b / np.abs(u))
    return tuple(part.astype(int) for part in rounded)


def snap_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.array([1.02]), np.array([0.98]), np.array([-0.01])]
    for n in (2, 5, 8):
        u = rng.choice([-1.0, 1.0], n) * rng.uniform(0.1, 2.5, n)
        b = np.abs(u) * (rng.integers(-4, 2, n) + rng.uniform(-0.4, 0.4, n))
        w = rng.integers(0, 2, n) + rng.uniform(-0.4, 0.4, n)
        yield [w.round(3), u.round(3), b.round(3)]


def snap_verify(instance: list, answer: Any) -> None:
    w, u, b = instance
    triple = isinstance(answer, tuple | list) and len(answer) == 3
    assert triple, "snap must return the triple (w, u, b)"
    new = [as_array(part, (len(w),), "snap") for part in answer]
    for name, part in zip("wub", new, strict=True):
        assert part.dtype.kind in "iu", (
            f"snap returned {name} = {part.tolist()} of type {part.dtype}, expected integers"
        )
    for j in range(len(w)):
        unit = f"unit (w, u, b) = ({w[j]}, {u[j]}, {b[j]})"
        assert new[1][j] == np.sign(u[j]), f"{unit}: u became {new[1][j]}, expected its sign"
        assert abs(new[0][j] - w[j]) <= 0.5, f"{unit}: w became {new[0][j]}: not the nearest"
        scaled = b[j] / abs(u[j])
        near = abs(new[2][j] - scaled) <= 0.5
        assert near, f"{unit}: b became {new[2][j]}, but b/|u| = {scaled:.3f}"


SNAP = Exercise("4.5", "Snap a counter", snap_instances, lambda f, i: f(*i), snap_verify)

# 4.4 A certificate for every length: boxes that the network cannot leave.

SLACK = 1e-5  # every inclusion holds with this much to spare: more than float32 rounds off
LEAST = 0.99 * SLACK  # what the check asks: another order of summation may be a little off


def image(box: Box, bit: int, W: Array, w: Array, b: Array) -> Box:
    """The smallest box that holds tanh(W h + w s + b) for all h of `box`, s = 2 bit - 1."""
    parity, low, high = box
    middle, radius = (low + high) / 2, (high - low) / 2
    centre, spread = W @ middle + w * (2 * bit - 1) + b, np.abs(W) @ radius
    return parity ^ bit, np.tanh(centre - spread), np.tanh(centre + spread)


def certify(W: Array, w: Array, b: Array, a: Array, c: float) -> list[Box] | None:
    """Boxes that prove the network right on every word, or None when the search finds none."""
    for pad in (1e-2, 3e-3, 1e-3, 3e-4):
        boxes = boxes_with_pad(pad, W, w, b)
        if boxes is not None and all(reads_right(box, a, c) for box in boxes[1:]):
            return boxes
    return None


def boxes_with_pad(pad: float, W: Array, w: Array, b: Array, limit: int = 800) -> list[Box] | None:
    """Follow all words; stop where an image lies in a box seen before, else add it, padded."""
    parity, low, high = np.zeros(limit, int), np.zeros((limit, len(b))), np.zeros((limit, len(b)))
    at, count = 0, 1  # box 0 is the start, the point 0 of parity 0
    while at < count:
        for bit in (0, 1):
            p, lo, hi = image((int(parity[at]), low[at], high[at]), bit, W, w, b)
            inside = (low[:count] + SLACK <= lo) & (hi + SLACK <= high[:count])
            if (inside.all(axis=1) & (parity[:count] == p)).any():
                continue
            if count == limit:
                return None
            parity[count], low[count], high[count] = p, lo - pad, hi + pad
            count += 1
        at += 1
    return list(zip(parity[:count].tolist(), low[:count], high[:count], strict=True))


def reads_right(box: Box, a: Array, c: float, slack: float = SLACK) -> bool:
    """Whether a·h + c has the sign of the box's parity on all of it, with `slack` to spare."""
    parity, low, high = box
    value, spread = a @ (low + high) / 2 + c, np.abs(a) @ (high - low) / 2
    return bool(value - spread > slack) if parity else bool(value + spread < -slack)


def parity_network(rng: np.random.Generator, gain: float, extra: int, noise: float) -> list:
    """A network computing parity: units OR and AND of state and symbol; noise on all weights."""
    n = 2 + extra
    W, w, b, a = np.zeros((n, n)), np.zeros(n), np.zeros(n), np.zeros(n)
    W[:2, :2] = [[gain, -gain], [gain, -gain]]  # the state is h_1 - h_2 - 1, in {-1, 1}
    w[:2], b[:2], a[:2] = gain, [0, -2 * gain], [1, -1]
    b[:2] += [1e-2, -1e-2]
    parts = [part + noise * rng.normal(size=part.shape) for part in (W, w, b, a)]
    return [*(part.round(4) for part in parts), -1.0]


def certify_instances(rng: np.random.Generator) -> Iterator[list]:
    yield parity_network(rng, 3.0, 0, 0.0)
    yield parity_network(rng, 0.6, 0, 0.0)  # none: too little gain: it forgets
    for extra in (0, 1, 3):
        gain = float(rng.uniform(2.5, 3.5))
        yield parity_network(rng, gain, extra, 0.03)
    W, w, b, a, c = parity_network(rng, 3.0, 1, 0.03)
    yield [W, w, b, -a, -c]  # none: reads the opposite parity


def certify_verify(instance: list, answer: Any) -> None:
    W, w, b, a, c = instance
    if answer is None:
        found = certify(W, w, b, a, c)
        assert found is None, f"certify returned None for {len(b)} units, but a certificate exists"
        return
    assert isinstance(answer, list), "certify must return a list of boxes, or None"
    boxes: list[Box] = []
    for entry in answer:
        triple = isinstance(entry, tuple | list) and len(entry) == 3
        assert triple, "each box must be a triple (parity, low, high)"
        ends = [as_array(end, (len(b),), "a box's corner").astype(float) for end in entry[1:]]
        assert np.isfinite(ends).all(), "a box's corners must be finite"
        boxes.append((as_int(entry[0], "a box's parity"), *ends))
    start = any(p == 0 and (lo <= 0).all() and (hi >= 0).all() for p, lo, hi in boxes)
    assert start, "no box of parity 0 holds the start h = 0"
    good = [box for box in boxes if reads_right(box, a, c, LEAST)]
    assert good, "on no box has the readout the sign of the box's parity, with 1e-5 to spare"
    parities, lows, highs = (np.array(part) for part in zip(*good, strict=True))
    for number, box in enumerate(boxes):
        for bit in (0, 1):
            parity, low, high = image(box, bit, W, w, b)
            inside = ((lows + LEAST <= low) & (high + LEAST <= highs)).all(axis=1)
            found = (inside & (parities == parity)).any()
            lost = f"the image of box {number} under {bit} lies in no box of parity {parity}"
            assert found, f"{lost} that the readout reads right, with 1e-5 to spare"


CERTIFY = Exercise(
    "4.4",
    "A theorem about every length",
    certify_instances,
    lambda f, i: f(*i),
    certify_verify,
    seconds=20,
)

# 4.7 Taylor coefficients: the differential equation decides, in fractions.


def taylor_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.array([1.0, 2.0, 3.0]), 1]
    for order in (2, 3, 6, 22):
        yield [(rng.normal(size=3) * [8, 8, 8] + [0, 0, 24]).round(2), order]


def taylor_verify(instance: list, answer: Any) -> None:
    state, order = instance
    what = f"taylor({state.tolist()}, {order})"
    c = as_array(answer, (order + 1, 3), what)
    real = c.dtype.kind in "iuf" and bool(np.isfinite(c).all())
    assert real, f"{what} must hold finite real numbers"
    assert (c[0] == state).all(), f"{what}: row 0 is {c[0].tolist()}, expected the state"
    x, y, z = ([Fraction(float(v)) for v in column] for column in c.T)
    for k in range(order):
        xz = sum(x[i] * z[k - i] for i in range(k + 1))
        xy = sum(x[i] * y[k - i] for i in range(k + 1))
        rows = [10 * (y[k] - x[k]), 28 * x[k] - y[k] - xz, xy - Fraction(8, 3) * z[k]]
        terms = np.abs(c[: k + 1]).max(axis=1)
        size = 1e-11 * (28 * terms[k] + (terms * terms[::-1]).sum())
        for name, row, series in zip("xyz", rows, (x, y, z), strict=True):
            gap = abs(float((k + 1) * series[k + 1] - row))
            right = f"expected {float(row / (k + 1)):.10g}"
            assert gap <= size, f"{what}: {name}_{k + 1} is {float(series[k + 1]):.10g}, {right}"


TAYLOR = Exercise("4.7", "Taylor coefficients", taylor_instances, lambda f, i: f(*i), taylor_verify)

# 4.8 Valid prediction time, by a loop.


def valid_time(forecast: Array, truth: Array, variance: Array, dt: float) -> Array:
    """Lyapunov times until the mean squared error over the variance exceeds 0.09 or is no number.

    Shapes: forecast, truth (T + 1, n, 3), variance (3,); returns (n,), T steps where it never does.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        fails = ~(((forecast - truth) ** 2 / variance).mean(axis=2) <= 0.09)  # (T + 1, n)
    first = np.where(fails.any(axis=0), fails.argmax(axis=0), len(truth) - 1)
    return first * dt * LYAPUNOV


def time_instances(rng: np.random.Generator) -> Iterator[list]:
    for steps, n, dt in ((5, 1, 0.1), (200, 4, 0.1), (900, 6, 0.02)):
        truth = rng.normal(size=(steps + 1, n, 3)).cumsum(axis=0) * 0.3
        variance = truth.var(axis=(0, 1)).round(3)
        growth = np.exp(LYAPUNOV * dt * np.arange(steps + 1))[:, None, None]
        wrong = truth + 10.0 ** rng.uniform(-7, -3, (n, 1)) * growth * np.sqrt(variance)
        if n >= 4:
            wrong[steps // 3 :, 0] = np.nan  # blew up
            wrong[steps // 2 :, 1] = np.inf
            wrong[steps // 4, 2] += 5 * np.sqrt(variance)  # fails once, then comes back
            wrong[:, 3] = truth[:, 3]  # never fails
        yield [wrong, truth, variance, dt]


def time_verify(instance: list, answer: Any) -> None:
    forecast, truth, variance, dt = instance
    expected = []
    for start in range(truth.shape[1]):
        step = 0
        for step in range(len(truth)):
            error = sum(
                float(forecast[step, start, i] - truth[step, start, i]) ** 2 / variance[i]
                for i in range(3)
            )
            if not error / 3 <= 0.09:
                break
        expected.append(step * dt * LYAPUNOV)
    close(answer, expected, f"valid_time over {truth.shape[1]} starts, {len(truth) - 1} steps")


TIME = Exercise("4.8", "Valid prediction time", time_instances, lambda f, i: f(*i), time_verify)

# 4.9 Chebyshev products: the columns in any order.


@functools.cache
def triples(degree: int) -> NDArray:
    """All (i, j, k) with i + j + k <= degree, as three rows."""
    every = itertools.product(range(degree + 1), repeat=3)
    return np.array([t for t in every if sum(t) <= degree]).T


def chebyshev_design(s: Array, degree: int) -> Array:
    """Products T_i(x) T_j(y) T_k(z), i + j + k <= degree, on points s (n, 3): one column each."""
    T = np.ones((degree + 1, *s.shape))
    T[1:2] = s
    for n in range(2, degree + 1):
        T[n] = 2 * s * T[n - 1] - T[n - 2]
    i, j, k = triples(degree)
    return (T[i, :, 0] * T[j, :, 1] * T[k, :, 2]).T


def chebyshev_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.array([[0.5, 0.25, -0.5], [0.1, 0.7, 0.3]]), 1]
    for degree, reach in ((2, 1.0), (3, 1.0), (5, 1.2)):
        yield [rng.uniform(-reach, reach, (12, 3)).round(3), degree]


def chebyshev_verify(instance: list, answer: Any) -> None:
    s, degree = instance
    count = (degree + 3) * (degree + 2) * (degree + 1) // 6
    design = as_array(answer, (len(s), count), f"chebyshev_design of degree {degree}")
    T = [np.polynomial.Chebyshev.basis(n)(s) for n in range(degree + 1)]
    free = list(range(count))
    for i, j, k in itertools.product(range(degree + 1), repeat=3):
        if i + j + k <= degree:
            column = T[i][:, 0] * T[j][:, 1] * T[k][:, 2]
            hit = [m for m in free if np.allclose(design[:, m], column, rtol=1e-9, atol=1e-9)]
            where = "" if np.abs(s).max() <= 1 else " (some points lie outside [-1, 1])"
            assert hit, f"degree {degree}: no column is T_{i}(x) T_{j}(y) T_{k}(z){where}"
            free.remove(hit[0])


CHEBYSHEV = Exercise(
    "4.9", "The Chebyshev basis", chebyshev_instances, lambda f, i: f(*i), chebyshev_verify
)
