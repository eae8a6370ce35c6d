"""What "correct" means in week 13: memory kernels, Hankel and tensor ranks, attention."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_int

Array = NDArray[np.float64]


def _gap(found: Array, wanted: Array, what: str, tolerance: float = 1e-6) -> None:
    """Refuse `found` at the first entry that is not `wanted`."""
    bad = ~(np.abs(found - wanted) <= tolerance * max(1.0, float(np.abs(wanted).max())))
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        where = ", ".join(map(str, place))
        raise AssertionError(
            f"{what}: the value at {where} is {found[place]:.6g}, expected {wanted[place]:.6g}"
        )


# 13.1 ------------------------------------------------------------------------------------------


def _network(rng: np.random.Generator, m: int) -> list[Array]:
    A = rng.standard_normal((m, m))
    A *= 0.9 / np.abs(np.linalg.eigvals(A)).max()
    return [A, rng.standard_normal(m), rng.standard_normal(m)]


def _kernel_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([[0.5]]), np.array([1.0]), np.array([2.0]), 4]
    yield [np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([0.0, 1.0]), np.array([1.0, 0.0]), 3]
    for m, length in ((2, 1), (2, 5), (3, 8), (5, 20)):
        yield [*_network(rng, m), length]


def _kernel_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(*instance)


def _kernel_verify(instance: list[Any], answer: Any) -> None:
    """Run the network on an impulse, entry by entry."""
    A, B, C, length = instance
    what = f"{len(B)} units, length {length}"
    values = as_array(answer, (length,), what)
    state, wanted = np.zeros(len(B)), []
    for step in range(length):
        state = A @ state + B * (step == 0)
        wanted.append(float(C @ state))
    _gap(values, np.array(wanted), what)


KERNEL = Exercise(
    "13.1", "The kernel of a linear network", _kernel_instances, _kernel_probe, _kernel_verify
)

# 13.2 ------------------------------------------------------------------------------------------


def _sum_of_exponentials(rng: np.random.Generator, terms: int, length: int) -> Array:
    """Different rates and coefficients away from 0, so that the rank is `terms`."""
    rates = np.linspace(-0.8, 0.9, terms) + rng.uniform(-0.05, 0.05, terms)
    signs = rng.choice([-1.0, 1.0], terms)
    return (signs * rng.uniform(0.5, 2, terms)) @ rates[:, None] ** np.arange(length)


def _hankel_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([1.0, 0.5, 0.25]), 1]
    yield [np.eye(9)[2], 3]
    for terms, length in ((1, 7), (2, 9), (3, 31), (4, 63)):
        yield [_sum_of_exponentials(rng, terms, length), terms]
    delay = int(rng.integers(4, 14))
    yield [np.eye(31)[delay], delay + 1]


def _hankel_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(instance[0])


def _hankel_verify(instance: list[Any], answer: Any) -> None:
    """The rank is known from how the kernel was made."""
    kernel, rank = instance
    what = f"a kernel of length {len(kernel)} that begins {kernel[:4].round(3).tolist()}"
    found = as_int(answer, what)
    assert found == rank, f"{what}: returned rank {found}, but {rank} units are needed"


HANKEL = Exercise("13.2", "How many units?", _hankel_instances, _hankel_probe, _hankel_verify)

# 13.4 ------------------------------------------------------------------------------------------


def _realise_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [0.5 ** np.arange(8), 1]
    yield [np.eye(8)[1], 2]
    for terms, length in ((2, 12), (3, 20), (4, 32)):
        yield [_sum_of_exponentials(rng, terms, length), terms]


def _realise_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return [np.asarray(part).tolist() for part in candidate(*instance)]


def _realise_verify(instance: list[Any], answer: Any) -> None:
    """Any basis of states is right: the kernel decides."""
    kernel, m = instance
    what = f"a kernel of length {len(kernel)}, {m} states"
    three = type(answer) in (list, tuple) and len(answer) == 3
    assert three, f"{what}: expected A, B and C"
    A = as_array(answer[0], (m, m), f"{what}: A")
    B = as_array(answer[1], (m,), f"{what}: B")
    C = as_array(answer[2], (m,), f"{what}: C")
    for name, part in (("A", A), ("B", B), ("C", C)):
        assert np.isfinite(part).all(), f"{what}: {name} holds NaN or infinity"
    state, values = B.astype(float), []
    with np.errstate(all="ignore"):
        for _ in range(len(kernel)):
            values.append(float(C @ state))
            state = A @ state
    _gap(np.array(values), kernel, f"{what}: the kernel C A^s B of your network")


REALISE = Exercise(
    "13.4", "A network from one SVD", _realise_instances, _realise_probe, _realise_verify
)

# 13.5 ------------------------------------------------------------------------------------------


def loss_and_gradient(
    c: ArrayLike, w: ArrayLike, t: ArrayLike, target: ArrayLike, dt: float
) -> tuple[float, Array, Array]:
    r"""Return $\sum_t (\sum_i c_i e^{-w_i t} - \rho(t))^2 dt$ and its gradients in c and in w.

    >>> loss_and_gradient([2.0], [0.0], [0.0], [1.0], 0.5)[0]
    0.5
    """
    c, w, t = (np.asarray(part, float) for part in (c, w, t))
    E = np.exp(-w[:, None] * t)  # (m, T)
    error = c @ E - np.asarray(target, float)
    return dt * float(error @ error), 2 * dt * (E @ error), -2 * dt * c * (E @ (t * error))


def _gradient_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([2.0]), np.array([0.0]), np.array([0.0, 1.0]), np.array([1.0, 1.0]), 0.5]
    for m, n in ((1, 3), (2, 5), (3, 20), (6, 50)):
        t = 0.1 * np.arange(n)
        yield [rng.standard_normal(m), rng.uniform(0.5, 2, m), t, rng.standard_normal(n), 0.1]


def _gradient_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    loss, in_c, in_w = candidate(*instance)
    return [float(loss), np.asarray(in_c).tolist(), np.asarray(in_w).tolist()]


def _gradient_verify(instance: list[Any], answer: Any) -> None:
    """Term by term: the loss from the definition, the derivatives by complex steps."""
    c, w, t, target, dt = instance
    m, h = len(c), 1e-20
    what = f"{m} units, {len(t)} times"
    three = type(answer) in (list, tuple) and len(answer) == 3
    assert three, f"{what}: expected the loss and two gradients"

    def loss(c: NDArray[Any], w: NDArray[Any]) -> Any:
        return dt * sum((c @ np.exp(-w * time) - y) ** 2 for time, y in zip(t, target, strict=True))

    steps = 1j * h * np.eye(m)
    wanted = (
        np.array([loss(c, w)]),
        np.array([loss(c + step, w).imag / h for step in steps]),
        np.array([loss(c, w + step).imag / h for step in steps]),
    )
    names = ("the loss", "the derivative in c", "the derivative in w")
    found = ([answer[0]], answer[1], answer[2])
    for name, have, want in zip(names, found, wanted, strict=True):
        _gap(as_array(have, want.shape, f"{what}: {name}"), want, f"{what}: {name}")


GRADIENT = Exercise(
    "13.5", "The exact gradient", _gradient_instances, _gradient_probe, _gradient_verify
)

# 13.6 ------------------------------------------------------------------------------------------


def _digits_instances(rng: np.random.Generator) -> Iterator[Array]:
    yield np.array([1.0, 2.0, 3.0, 6.0])
    yield np.array([1.0, 0.0, 0.0, 1.0])
    yield np.eye(16)[int(rng.integers(16))]
    pair = np.zeros(16)
    pair[[0, 3]] = rng.uniform(1, 2, 2)  # ranks 2, 1, 1: the order of the digits counts
    yield pair
    lag = np.arange(32)
    yield lag * 0.9**lag
    split = np.zeros(32)
    split[[1, 8, 16, 27]] = rng.uniform(1, 2, 4)
    yield split
    low, high = rng.uniform(0.5, 2, (2, 2, 8))  # rank 2 across the middle
    yield np.sum(high[:, :, None] * low[:, None, :], axis=0).reshape(-1)


def _digits_probe(candidate: Callable[..., Any], kernel: Array) -> Any:
    return [int(rank) for rank in candidate(kernel)]


def _digits_verify(kernel: Array, answer: Any) -> None:
    """Fill each unfolding digit by digit; its rank by elimination with full pivoting."""
    size = len(kernel)
    K = size.bit_length() - 1
    what = f"a kernel of length {size}"
    ranks = as_array(answer, (K - 1,), what).tolist()
    for k in range(1, K):
        matrix = np.zeros((2**k, 2 ** (K - k)))
        for lag in range(size):
            matrix[lag % 2**k, lag // 2**k] = kernel[lag]
        rank, scale = 0, np.abs(matrix).max()
        while np.abs(matrix).max() > 1e-8 * scale:
            i, j = np.unravel_index(np.abs(matrix).argmax(), matrix.shape)
            matrix = matrix - np.outer(matrix[:, j], matrix[i]) / matrix[i, j]
            rank += 1
        assert ranks[k - 1] == rank, (
            f"{what}: unfolding {k} (rows: the {k} lowest binary digits) has rank {rank}, "
            f"not {ranks[k - 1]}"
        )


DIGITS = Exercise(
    "13.6", "Ranks from binary digits", _digits_instances, _digits_probe, _digits_verify
)

# 13.7 ------------------------------------------------------------------------------------------


def position_codes(frequencies: ArrayLike, times: ArrayLike) -> Array:
    """Return codes (T, 2n): the cosines of w t for all n frequencies w, then the sines."""
    angle = np.asarray(times, float)[:, None] * np.asarray(frequencies, float)
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1)


def shift_matrix(frequencies: ArrayLike, delay: int) -> Array:
    """Return M, (2n, 2n), with p_t M = p_{t - delay} for the position codes p_t, as rows.

    >>> shift_matrix([0.0], 3).tolist()
    [[1.0, -0.0], [0.0, 1.0]]
    """
    angle = np.asarray(frequencies, float) * delay
    c, s = np.diag(np.cos(angle)), np.diag(np.sin(angle))
    return np.block([[c, -s], [s, c]])


def _attention_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([np.pi / 2]), 1]
    for n in (1, 2, 5, 16):
        yield [np.sort(rng.uniform(0.05, 3, n)), int(rng.integers(1, 30))]


def _attention_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(*instance)


def _attention_verify(instance: list[Any], answer: Any) -> None:
    """The matrix must carry the code of every time to the code of the earlier time."""
    frequencies, delay = instance
    n = len(frequencies)
    what = f"{n} frequencies, delay {delay}"
    M = as_array(answer, (2 * n, 2 * n), what)
    times = np.arange(64)
    moved = position_codes(frequencies, times) @ M
    wanted = position_codes(frequencies, times - delay)
    _gap(moved, wanted, f"{what}: p_t M at (t, coordinate)")


ATTENTION = Exercise(
    "13.7", "A shift is a rotation", _attention_instances, _attention_probe, _attention_verify
)
