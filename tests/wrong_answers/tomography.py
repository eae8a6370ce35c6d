"""Wrong answers to the companion *Learning the invisible*: the mistakes that people make."""

import math

import numpy as np

from course_utils.exercises import tomography
from course_utils.maths.shearlets import analyse, synthesise


def _clips_outside(f):
    """Forget that a ray may miss the disc."""

    def disc(x0, y0, r, angles, positions):
        theta = np.asarray(angles)[:, None]
        tau = np.asarray(positions) - x0 * np.cos(theta) - y0 * np.sin(theta)
        return f(r**2 - tau**2)

    return disc


def _row_down(x0, y0, r, angles, positions):
    return tomography.disc_sinogram(x0, -y0, r, angles, positions)


def _origin_only(x0, y0, r, angles, positions):
    return tomography.disc_sinogram(0, 0, r, angles, positions)


def _half_chord(x0, y0, r, angles, positions):
    return tomography.disc_sinogram(x0, y0, r, angles, positions) / 2


def _by_hand(x0, y0, r, angles, positions):
    return [
        [
            2 * math.sqrt(max(r * r - (s - x0 * math.cos(t) - y0 * math.sin(t)) ** 2, 0))
            for s in positions
        ]
        for t in angles
    ]


def _one_number(windows):
    lower, upper, _ = tomography.make_parseval(windows)
    return lower, upper, windows / np.sqrt(upper)


def _no_root(windows):
    lower, upper, _ = tomography.make_parseval(windows)
    return lower, upper, windows / (windows**2).sum(axis=0)


def _sums_without_squares(windows):
    tomography.make_parseval(windows)
    total = np.abs(windows).sum(axis=0)
    return total.min(), total.max(), windows / np.sqrt((windows**2).sum(axis=0))


def _bounds_of_the_norm(windows):
    lower, upper, made = tomography.make_parseval(windows)
    return math.sqrt(lower), math.sqrt(upper), made


def _hides_the_hole(windows):
    total = (windows**2).sum(axis=0)
    return total.min(), total.max(), windows / np.sqrt(np.maximum(total, 1e-12))


def _as_lists(windows):
    lower, upper, made = tomography.make_parseval(windows)
    return [np.float64(lower), np.float64(upper), made.tolist()]


def _pseudo_inverse(c, filters):
    total = (filters**2).sum(axis=0)
    return np.fft.ifft2(np.fft.fft2(synthesise(c, filters)) / total).real


def _no_window(c, filters):
    return c.sum(axis=0)


def _complex(c, filters):
    return np.fft.ifft2((filters * np.fft.fft2(c)).sum(axis=0))


def _analyses_again(c, filters):
    return analyse(c, filters).sum(axis=(0, 1))


def _adjoint_by_bands(c, filters):
    total = np.zeros(c.shape[1:])
    for band, window in zip(c, filters, strict=True):
        total += np.fft.ifft2(window * np.fft.fft2(band)).real
    return total


def _by_angle(directions, missing):
    """Take the directions for equally spaced angles, not slopes."""
    return [d for d in range(directions) if abs(180 * d / directions - 90) < missing / 2]


def _whole_wedge_on_each_side(directions, missing):
    return tomography.invisible_directions(directions, min(2 * missing, 179))


def _border_is_hidden(directions, missing):
    return tomography.invisible_directions(directions, missing + 1e-6)


def _about_the_horizontal(directions, missing):
    q = directions // 2
    turned = [(d + q) % directions for d in tomography.invisible_directions(directions, missing)]
    return sorted(turned)


def _by_slopes(directions, missing):
    q, found = directions // 4, []
    for d in range(q, 3 * q + 1):
        x = abs(2 * q - d)
        if x < q if missing == 90 else math.degrees(math.atan2(x, q)) < missing / 2:
            found.append(np.int64(d))
    steep = missing > 90
    if steep:
        found = tomography.invisible_directions(directions, missing)
    return found


def _swapped(start, guess, filters, hidden):
    return tomography.hybrid(guess, start, filters, hidden)


def _only_the_guess(start, guess, filters, hidden):
    return np.array(guess)


def _adds(start, guess, filters, hidden):
    c = analyse(guess, filters)
    c[~hidden] = 0
    return start + synthesise(c, filters)


def _forgets_the_seen(start, guess, filters, hidden):
    c = analyse(guess, filters)
    c[~hidden] = 0
    return synthesise(c, filters)


def _by_multiplier(start, guess, filters, hidden):
    m = (filters[hidden] ** 2).sum(axis=0)
    return np.fft.ifft2((1 - m) * np.fft.fft2(start) + m * np.fft.fft2(guess)).real


WRONG = {
    "tomography.1": {
        "takes the root of negative numbers": _clips_outside(lambda t: 2 * np.sqrt(np.abs(t))),
        "lets y point down": _row_down,
        "forgets the centre": _origin_only,
        "half the chord": _half_chord,
    },
    "tomography.2": {
        "divides everything by one number": _one_number,
        "forgets the root": _no_root,
        "sums without squares": _sums_without_squares,
        "bounds of the norm, not of the energy": _bounds_of_the_norm,
        "accepts a hole": _hides_the_hole,
    },
    "tomography.3": {
        "inverts instead of taking the adjoint": _pseudo_inverse,
        "adds the bands without their windows": _no_window,
        "leaves the numbers complex": _complex,
        "analyses every band in all windows": _analyses_again,
    },
    "tomography.4": {
        "equally spaced angles": _by_angle,
        "the whole wedge on each side": _whole_wedge_on_each_side,
        "hides the border": _border_is_hidden,
        "the wedge lies about the horizontal": _about_the_horizontal,
    },
    "tomography.5": {
        "keeps the hidden ones and trusts the guess in the rest": _swapped,
        "returns the guess": _only_the_guess,
        "adds the hidden part twice": _adds,
        "forgets the visible coefficients": _forgets_the_seen,
    },
}

ACCEPTED = {
    "tomography.1": {"lists, ray by ray": _by_hand},
    "tomography.2": {"lists and numpy numbers": _as_lists},
    "tomography.3": {"band by band": _adjoint_by_bands},
    "tomography.4": {"numpy integers, by slopes": _by_slopes},
    "tomography.5": {"one Fourier multiplier": _by_multiplier},
}
