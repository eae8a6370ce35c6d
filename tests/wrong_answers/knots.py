"""Wrong answers to the companion *Knots*: the mistakes that people make."""

import numpy as np

from course_utils.exercises import knots


def _other_sign(meridian, longitude):
    return -knots.minus_slope(meridian, longitude)


def _upside_down(meridian, longitude):
    if not meridian.all():
        raise ValueError("meridian must not be 0")
    return -np.real(meridian / longitude)


def _divides_by_the_real_part(meridian, longitude):
    if not meridian.all():
        raise ValueError("meridian must not be 0")
    return -longitude / np.where(meridian.real == 0, np.inf, meridian.real)


def _infinite_at_zero(meridian, longitude):
    with np.errstate(all="ignore"):
        return -np.real(longitude / meridian)


def _with_an_intercept(t, signature):
    c, b = np.polyfit(t, signature, 1)
    return float(c), 2 * np.rint((c * t + b) / 2).astype(int)


def _coefficient_of_the_theorem(t, signature):
    return 0.5, 2 * np.rint(t / 4).astype(int)


def _rounds_to_integers(t, signature):
    c, _ = knots.one_coefficient_rule(t, signature)
    return c, np.rint(c * t).astype(int)


def _rounds_down(t, signature):
    c, _ = knots.one_coefficient_rule(t, signature)
    return c, 2 * np.floor(c * t / 2).astype(int)


def _mean_of_quotients(t, signature):
    c = float(np.mean(signature / t))
    return c, 2 * np.rint(c * t / 2).astype(int)


def _counts_zero(t, signature, crossings):
    return {
        int(n): float(np.mean(np.sign(t) != np.sign(signature), where=crossings == n))
        for n in np.unique(crossings)
    }


def _share_of_all(t, signature, crossings):
    told = np.unique(crossings[signature != 0])
    return {int(n): float(np.mean((t * signature < 0)[crossings == n])) for n in told}


def _agreement(t, signature, crossings):
    return {n: 1 - s for n, s in knots.mirrored_share(t, signature, crossings).items()}


WRONG = {
    "knots.1": {
        "the other sign": _other_sign,
        "meridian over longitude": _upside_down,
        "divides by the real part": _divides_by_the_real_part,
        "returns infinity at meridian 0": _infinite_at_zero,
    },
    "knots.2": {
        "fits an intercept too": _with_an_intercept,
        "takes the coefficient of the theorem": _coefficient_of_the_theorem,
        "rounds to integers": _rounds_to_integers,
        "rounds down": _rounds_down,
        "averages the quotients": _mean_of_quotients,
    },
    "knots.3": {
        "counts signature 0 as a disagreement": _counts_zero,
        "divides by all knots": _share_of_all,
        "returns the agreement": _agreement,
    },
}
