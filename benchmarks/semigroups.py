"""Week 9: nodes per CPU second of the proof engine, and the published program's figures.

The published program (arXiv 2106.03015, PyTorch) is under GPL-3 and is no dependency: its figures
were recorded on another machine and serve as an order of magnitude.
"""

from collections.abc import Iterator

from benchmarks.timing import Row, compare, timed
from course_utils.maths.semigroup_positions import first_position, outcomes
from course_utils.maths.semigroups import instances, minimal_proof, proof_size

GOAL = 500_000  # nodes per CPU second on all of (4, 4) with MRV


def all_of(a: int, b: int, strategy: str = "mrv") -> int:
    """Return the passive nodes of all instances of (a, b)."""
    return sum(proof_size(a, b, phi, strategy)[0] for phi in instances(a, b))


def readable(a: int, b: int) -> int:
    """Return the benchmark's passive nodes, one child at a time in Python."""
    total = 0
    for phi in instances(a, b):
        first = [c for c in (0, a + 1, a, 1, 2 * a + 2) if c < a * a]
        order = first + [c for c in range(a * a) if c not in first]
        todo = [tuple(first_position(phi)[0].tolist())]
        while todo:
            s = todo.pop()
            total += 1
            cell = next(c for c in order if s[c].bit_count() > 1)
            todo += [child for word, child in outcomes(s, cell, phi) if word == "active"]
    return total


def rows() -> Iterator[Row]:
    """Yield the engine on (4, 4), against a loop in Python on (3, 3), and a minimal proof."""
    all_of(2, 2)
    found: list[int] = []
    first = timed(lambda: found.append(all_of(4, 4)))
    nodes, rate = found[0], found[0] / first.cpu
    verdict = "reached" if rate >= GOAL else "missed"
    note = f"{nodes:,} nodes, {rate / 1e6:.2f} million per CPU s (goal 0.5: {verdict})"
    yield Row("all of (4, 4), MRV", "—", [first], note=note)
    yield compare(
        "all of (3, 3), benchmark",
        lambda: all_of(3, 3, "benchmark"),
        lambda: readable(3, 3),
        "the loop in Python",
        repeats=3,
    )
    for name, size, sigma, recorded in (
        ("(4, 3), σ = 8", (4, 3), 8, 2.52),
        ("(5, 3), σ = 7", (5, 3), 7, 14.0),
        ("(4, 5), σ = 22", (4, 5), 22, 133.0),
    ):
        ours = [timed(lambda s=size, k=sigma: proof_size(*s, k, "benchmark")) for _ in range(3)]
        note = f"published PyTorch program, recorded elsewhere: {recorded} s"
        yield Row(f"{name}, benchmark", "—", ours, None, note)
    minimal_proof(4, 2, 5)
    proof = [timed(lambda: minimal_proof(4, 2, 5)) for _ in range(3)]
    yield Row("minimal proof of (4, 2), σ = 5", "—", proof, note="22 nodes, certificate")
