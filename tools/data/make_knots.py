"""Write course_utils/data/knots_hyperbolic_signature.csv.gz: invariants of hyperbolic knots.

    pip install snappy==3.3.2 snappy_15_knots numpy    # in an environment of its own
    python -m tools.data.make_knots                         # about four minutes
    python -m tools.data.make_knots --compare --every 100   # a sample, held to the shipped file

For each name SnapPy gives the link diagram and the complement with one orientation, so that
signature and translations belong to the same chirality. Candidates are all knots with at most 13
crossings and a random sample of 3500 with 14 and of 3500 with 15 crossings; those without a
complete hyperbolic structure in SnapPy, and any on which it fails, are left out. Floating-point
numbers are written with six digits; a run on another machine may differ in the last of them, so
`--compare` demands equal names, signatures and symmetry groups, and floats within 1e-5 max(1, |x|).

Exit status: 0 written or in step, 1 differences (listed), 2 wrong use, or SnapPy is missing.
"""

import argparse
import csv
import gzip
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "course_utils" / "data" / "knots_hyperbolic_signature.csv.gz"
COLUMNS = (
    "name", "crossings", "alternating", "signature", "volume", "chern_simons",
    "cusp_volume", "meridian_re", "meridian_im", "longitude", "symmetry",
)  # fmt: skip

FLOATS = COLUMNS[4:10]

# Prime knots with 3..15 crossings, (alternating, not): Hoste, Thistlethwaite, Weeks, Math.
# Intelligencer 20 (1998).
COUNTS = {
    3: (1, 0), 4: (1, 0), 5: (2, 0), 6: (3, 0), 7: (7, 0), 8: (18, 3), 9: (41, 8), 10: (123, 42),
    11: (367, 185), 12: (1288, 888), 13: (4878, 5110), 14: (19536, 27436), 15: (85263, 168030),
}  # fmt: skip
SAMPLE = 3500
NEGATIVE = "contains negatively oriented tetrahedra"


def names() -> list[str]:
    """Return the candidates in the order of the file: K3a1, K4a1, K5a1, ….

    >>> len(names())
    19965
    """
    rng = np.random.default_rng(12345)
    found = []
    for crossings, (alternating, others) in COUNTS.items():
        every = [f"K{crossings}a{i + 1}" for i in range(alternating)]
        every += [f"K{crossings}n{i + 1}" for i in range(others)]
        if crossings >= 14:
            every = [every[i] for i in np.sort(rng.choice(len(every), SAMPLE, replace=False))]
        found += every
    return found


def number(x: float) -> str:
    """Write six digits; what is zero up to rounding becomes 0."""
    return f"{x:.6g}" if abs(x) > 1e-9 else "0"


def signature(seifert: Any) -> int:
    """Return the signature of V + V^T for a Seifert matrix V: it has no zero eigenvalue."""
    V = np.array(seifert, float)
    return int(np.sign(np.linalg.eigvalsh(V + V.T)).sum()) if V.size else 0


def row(name: str) -> list[str]:
    """Compute one line of the file.

    Raises:
        ValueError: SnapPy finds no complete hyperbolic structure on the complement.
    """
    import snappy

    knot = snappy.Manifold(name)
    for _ in range(20):  # another triangulation of the same complement, same curves on the cusp
        if knot.solution_type() == NEGATIVE:
            knot.randomize()
    if knot.solution_type() != "all tetrahedra positively oriented":
        raise ValueError(f"name must be a hyperbolic knot, got {name!r} ({knot.solution_type()})")
    cusp = knot.cusp_neighborhood()
    cusp.set_displacement(cusp.stopping_displacement())
    meridian, longitude = (complex(z) for z in cusp.translations(0))
    crossings, kind = name[1:].replace("n", "a").split("a")[0], name.lstrip("K0123456789")[0]
    exact = [name, crossings, str(int(kind == "a")), str(signature(knot.link().seifert_matrix()))]
    numbers = [float(knot.volume()), float(knot.chern_simons()), float(cusp.volume(0))]
    numbers += [meridian.real, meridian.imag, longitude.real]
    return [*exact, *map(number, numbers), str(knot.symmetry_group())]


def snappy_failure() -> type[Exception]:
    """Return the exception of SnapPy's kernel; a run of SnapPy 3.3.2 met it on a few names."""
    import snappy

    failure: type[Exception] = snappy.SnapPeaFatalError
    return failure


def write(rows: list[list[str]], path: Path) -> None:
    """Write a gzip file whose bytes depend on the rows only."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def compute(candidates: list[str]) -> tuple[list[list[str]], list[str]]:
    """Return the rows, and the names that are left out."""
    rows: list[list[str]] = []
    left_out: list[str] = []
    for name in candidates:
        try:
            rows.append(row(name))
        except (ValueError, RuntimeError, snappy_failure()):
            left_out.append(name)
    return rows, left_out


def read(path: Path) -> list[list[str]]:
    """Return the rows of a file that `write` made, without its head."""
    return list(csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))[1:]


def differences(rows: list[list[str]], shipped: list[list[str]]) -> list[str]:
    """Return one line for each name or value in which two tables differ beyond the last digit."""
    ours, theirs = ({line[0]: line for line in table} for table in (rows, shipped))
    found = [f"{name}: in one table only" for name in sorted(set(ours) ^ set(theirs))]
    for name in sorted(set(ours) & set(theirs)):
        for column, new, old in zip(COLUMNS, ours[name], theirs[name], strict=True):
            if column in FLOATS:
                close = abs(float(new) - float(old)) <= 1.001e-5 * max(1, abs(float(old)))
            else:
                close = new == old
            if not close:
                found.append(f"{name}: {column} is {new}, shipped {old}")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--compare", action="store_true", help="compare, and write nothing")
    parser.add_argument("--every", type=int, default=1, help="every k-th knot only (--compare)")
    options = parser.parse_args(arguments)
    if options.every < 1 or (options.every > 1 and not options.compare):
        parser.error("--every must be at least 1, and goes with --compare")
    if options.compare and not options.target.is_file():
        parser.error(f"--compare needs the file {options.target}")
    chosen = names()[:: options.every]
    try:
        rows, left_out = compute(chosen)
    except ImportError as error:
        print(f"{error}: pip install snappy snappy_15_knots", file=sys.stderr)
        return 2
    print(f"{len(rows)} knots computed, left out: {' '.join(left_out)}")
    if not options.compare:
        write(rows, options.target)
        return 0
    found = differences(rows, [line for line in read(options.target) if line[0] in set(chosen)])
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
