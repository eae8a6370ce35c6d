"""Grundy values of Kayles by the proved period, beside the rules applied row after row."""

from collections.abc import Iterator

from benchmarks.timing import Row, compare
from course_utils.maths.combinatorial_games import grundy_kayles

ROWS = 1500


def rows() -> Iterator[Row]:
    """Yield one row: all values up to 1500 pins."""

    def from_the_rules() -> list[int]:
        values: list[int] = []
        for n in range(ROWS):
            reached = {values[a] ^ values[n - t - a] for t in (1, 2) for a in range(n - t + 1)}
            values.append(next(g for g in range(len(reached) + 1) if g not in reached))
        return values

    def by_the_period() -> list[int]:
        return [grundy_kayles(n) for n in range(ROWS)]

    assert by_the_period() == from_the_rules()
    yield compare(
        f"Grundy values of Kayles, rows of up to {ROWS - 1} pins",
        by_the_period,
        from_the_rules,
        "the rules, in Python",
        repeats=3,
        note="the period is proved from 168 values",
    )
