"""Write course_utils/data/knotinfo_signs.json: does KnotInfo pair σ with the right mirror image?

    pip install database_knotinfo==2026.11.2 numpy     # in an environment of its own
    python -m tools.data.audit_knotinfo

KnotInfo (C. Livingston, A. H. Moore) lists signature, meridian and longitude of hyperbolic knots.
A mirror image changes the signs of the signature and of t = -Re(longitude/meridian) together, so
in a table that takes both from one image of each knot their product has one sign, with very few
exceptions. The file holds counts only, for each crossing number.

Exit status: 0 written, 2 the database is missing.
"""

import ast
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

TARGET = Path(__file__).resolve().parents[2] / "course_utils" / "data" / "knotinfo_signs.json"


def translation(text: str) -> complex | None:
    """Read `(re, im)`; None for an empty field or words such as `Not Hyperbolic`."""
    try:
        re, im = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return None
    return complex(re, im)


def count(knots: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Count knots with translations, and of those with signature ≠ 0 the opposite signs of σ, t."""
    told: dict[int, list[int]] = {}
    knots_seen = right = 0
    for knot in knots:
        meridian = translation(knot["meridian_translation"])
        longitude = translation(knot["longitude_translation"])
        if not meridian or not longitude:
            continue
        sigma, t = int(knot["signature"]), -(longitude / meridian).real
        knots_seen += 1
        right += int(2 * np.rint(t / 4) == sigma)
        if sigma:
            entry = told.setdefault(int(knot["crossing_number"]), [0, 0])
            entry[0] += 1
            entry[1] += int(t * sigma < 0)
    crossings = sorted(told)
    return {
        "knots": knots_seen,
        "rule_right": right,
        "crossings": crossings,
        "signature_not_0": [told[n][0] for n in crossings],
        "opposite_signs": [told[n][1] for n in crossings],
    }


def main() -> int:
    try:
        from database_knotinfo import link_list
    except ImportError as error:
        print(f"{error}: pip install database_knotinfo", file=sys.stderr)
        return 2
    TARGET.write_text(json.dumps(count(link_list()[1:])) + "\n", encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
