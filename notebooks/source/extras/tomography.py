# %% [markdown]
# # Learning the invisible — companion to week 12
#
# *A scanner misses a third of all directions. Which edges of its picture may we believe, and what
# may a network add?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** measure phantoms along lines, as a CT scanner does, but leave out 60 of the
# 180 degrees. You will see which edges such data contain, build a frame of shearlets that sorts a
# picture into a seen and an unseen part, reconstruct with classical methods, and then let a network
# predict the unseen part *only*. At the end you test what it invents.
#
# **What you need:** the Fourier transform, and week 12 for convolutional networks.
#
# **Where it comes from:** Gitta Kutyniok's talk *Deep Learning meets Shearlets: Explainable Hybrid
# Solvers for Inverse Problems in Imaging Science*, and the paper *Learning the invisible* by Bubba,
# Kutyniok, Lassas, März, Samek, Siltanen and Srinivasan (Inverse Problems 35, 2019).
#
# **Two-hour path:** sections 1–6 with exercises tomography.1, tomography.2, tomography.3,
# tomography.4 and tomography.5 (70 minutes of exercises). For the week: section 7 and exercises
# tomography.6 and tomography.7. All exercises together: 115 minutes.

# %% tags=["imports"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import to_rgb
from torch import nn

from course_utils import datasets
from course_utils.checks import check
from course_utils.exercises import tomography as solutions
from course_utils.maths.shearlets import analyse, invisible_bands, shearlet_filters, synthesise
from course_utils.maths.tomography import (
    detector_positions,
    ellipse_image,
    ellipse_sinogram,
    radon_matrix,
)
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, device, progress, rng, scale

# %% [markdown]
# ## 1. A scanner measures lines
#
# An X-ray that crosses a body is weakened by what it meets. So a CT scanner measures, for very many
# lines, the integral of the body's density $f$ along the line. We describe the line
# $x \cos\theta + y \sin\theta = s$ by its *angle* $\theta$ and its *position* $s$, and write
# $$(Rf)(\theta, s) = \int f(s\cos\theta - t\sin\theta,\; s\sin\theta + t\cos\theta)\,dt .$$
# The map $R$ is the *Radon transform*, and the picture of $Rf$ over $\theta$ and $s$ is called a
# *sinogram*. The vector $(\cos\theta, \sin\theta)$ is normal to the ray. Keep this in mind: the
# angle of a view is the direction *across* its rays.
#
# The smallest example is a disc of density 1 and radius $\frac12$ about the origin. A ray at
# distance $0.3$ from the centre meets it in a chord, and by Pythagoras the chord has length
# $2\sqrt{0.5^2 - 0.3^2} = 0.8$. The angle does not matter. If the centre is $(x_0, y_0)$, then the
# distance of the ray from it is $|s - x_0\cos\theta - y_0\sin\theta|$: as $\theta$ turns, the
# disc's shadow moves along a sine curve. That is where the name sinogram comes from.
#
# ### Exercise tomography.1 ★ (10 min) — The shadow of a disc
#
# Let a disc have centre $(x_0, y_0)$, radius $r$ and density 1. Write
# `disc_sinogram(x0, y0, r, angles, positions)`, which returns an array of shape $(m, n)$: the
# lengths of the chords for $m$ angles (in radians) and $n$ positions. A ray that misses the disc
# has the value 0.
#
# <details><summary>Hint</summary>
#
# `np.asarray(angles)[:, None]` is a column, and a column minus a row is a matrix. Take care of
# negative numbers under the root.
#
# </details>


# %%
def disc_sinogram(x0, y0, r, angles, positions):
    # BEGIN SOLUTION
    theta = np.asarray(angles)[:, None]
    distance = np.asarray(positions) - x0 * np.cos(theta) - y0 * np.sin(theta)  # (m, n)
    return 2 * np.sqrt(np.maximum(r**2 - distance**2, 0))
    # END SOLUTION


# %%
disc_sinogram = check("tomography.1", disc_sinogram, otherwise=solutions.disc_sinogram)

# %% tags=["nbval-check-output"]
chords = np.asarray(disc_sinogram(0, 0, 0.5, [0.0, 1.0], [0.0, 0.3, 0.6]))
print(chords.round(9).tolist())

# %% [markdown]
# Both views of the centred disc are equal: a diameter of 1, the chord 0.8 that we computed, and a
# ray that misses.
#
# An ellipse is a disc after a linear map, so its chords are known exactly as well. We describe an
# ellipse by $(x_0, y_0, a, b, \text{tilt}, \text{value})$: centre, half-axes, the angle of the
# first axis, and a density that is added to the picture. The course's `ellipse_sinogram` computes
# exact sinograms of sums of ellipses. Our *phantoms* are such sums, with 5 to 14 ellipses.


# %%
def phantom(generator):
    """Draw 5 to 14 ellipses, shape (k, 6), inside the disc of radius 0.9."""
    k = generator.integers(5, 15)
    axes = generator.uniform(0.05, 0.35, (k, 2))
    radius = (0.9 - axes.max(axis=1)) * np.sqrt(generator.uniform(0, 1, k))
    place, tilt = generator.uniform(0, 2 * np.pi, k), generator.uniform(0, np.pi, k)
    centre = radius * np.cos(place), radius * np.sin(place)
    return np.column_stack([*centre, axes, tilt, generator.uniform(0.1, 1, k)])


# %% [markdown]
# Our scanner has 120 views, from $-60$ to $59$ degrees. The other 60 degrees are missing, as they
# are in an electron microscope, where the holder of the sample blocks the view. Below are a
# phantom, its complete sinogram, and in grey what we shall never see.

# %%
size = 64
angles = np.deg2rad(np.arange(-60, 60))
positions = detector_positions(size)
example = phantom(np.random.default_rng(3))

# %% alt="A phantom of overlapping ellipses and its sinogram; views beyond 60 degrees are grey."
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), width_ratios=[1, 1.3])
left.imshow(ellipse_image(example, 256), extent=(-1, 1, -1, 1))
decorate(left, "phantom", "x", "y")
whole = ellipse_sinogram(example, np.deg2rad(np.arange(-90, 90)), positions)
right.imshow(whole.T, extent=(-90, 90, -1.44, 1.44), aspect="auto", origin="lower")
for start in (-90, 60):
    right.axvspan(start, start + 30, color="0.7", alpha=0.9)
decorate(right, "sinogram: grey is not measured", "angle of the view, degrees", "position s")
for ax in (left, right):
    ax.grid(False)
plt.show()

# %% [markdown]
# Every ellipse leaves one wave-like stripe in the sinogram. The stripe is bright where we look
# along the long axis.
#
# To reconstruct on $64 \times 64$ pixels we need $R$ as a matrix. `radon_matrix` follows each ray
# from one row of pixels to the next and interpolates between the two nearest pixels (Joseph's
# method, 1982). Each row of the sparse matrix $A$ is one ray; its transpose $A^T$ sends the value
# of each ray back to the pixels that it crossed, and is called *back-projection*.

# %% tags=["nbval-check-output"]
A = radon_matrix(size, angles)
print(A.shape, "=", len(angles), "views of", len(positions), "rays,", size**2, "pixels")

# %% [markdown]
# It is tempting to make test data with $A$ itself. That is called the *inverse crime*: the data
# then contain no trace of what pixels cannot represent, and every method looks better than it is.
# We always take the exact sinograms of ellipses. How far is $A$ from them, and is the distance an
# error of the pixels, so that it shrinks when the pixels do? **Predict** the ratio when `size`
# doubles.


# %%
def mismatch(size):
    """The distance of the matrix's sinogram from the exact one, relative to its norm."""
    exact = ellipse_sinogram(example, angles, detector_positions(size)).ravel()
    ours = radon_matrix(size, angles) @ ellipse_image(example, size).ravel()
    return np.linalg.norm(ours - exact) / np.linalg.norm(exact)


# %%
at_64, at_128 = mismatch(64), mismatch(128)
claim("matrix against exact sinogram, 64 x 64 pixels", at_64, low=0.01, high=0.03)
claim(
    "the same mismatch at 128 x 128, divided by that at 64 x 64", at_128 / at_64, low=0.3, high=0.7
)

# %% [markdown]
# Halving the side of the pixels halves the mismatch. This is what we expect from a picture with
# jumps: a ray that crosses an edge is wrong only inside of one or two pixels there, so its integral
# is wrong by at most a multiple of the side of a pixel.
#
# ## 2. What a view sees
#
# Each view measures one line of the Fourier transform $\hat f(\xi) = \int f(x)\,
# e^{-i\langle x, \xi\rangle}dx$. For $\theta = 0$ this can be read off: the view integrates $f$
# over $y$, and $\hat f(\sigma, 0) = \int\!\int f\,dy\; e^{-i\sigma x}dx$ is the transform of that
# view. Rotating the picture gives the rest.
#
# **Fourier slice theorem.** $\displaystyle \int (Rf)(\theta, s)\, e^{-i\sigma s} ds =
# \hat f(\sigma\cos\theta, \sigma\sin\theta)$.
#
# Check it on the phantom: on one side the transform of one exact view, on the other a sum over all
# pixels of the picture. The two sides share no code.


# %%
def slice_of_picture(image, theta, sigma):
    """The Fourier transform of an image at sigma (cos theta, sin theta), shape (len(sigma),)."""
    x = (np.arange(len(image)) + 0.5) * 2 / len(image) - 1
    across = np.exp(-1j * np.outer(sigma, x) * np.cos(theta))  # over columns
    down = np.exp(1j * np.outer(sigma, x) * np.sin(theta))  # over rows: y = -x[row]
    return np.einsum("sr,rc,sc->s", down, image, across) * (2 / len(image)) ** 2


# %%
theta, sigma = np.deg2rad(25), np.linspace(0, 60, 121)
s = np.linspace(-1.5, 1.5, 2001)
view = ellipse_sinogram(example, [theta], s)[0]
of_view = np.exp(-1j * np.outer(sigma, s)) @ view * (s[1] - s[0])
of_picture = slice_of_picture(ellipse_image(example, 256), theta, sigma)

# %% alt="Frequency plane with a missing double wedge; the two transforms along a line coincide."
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), width_ratios=[1, 1.3])
spectrum = np.fft.fftshift(abs(np.fft.fft2(ellipse_image(example, size))))
left.imshow(np.log(1 + spectrum), extent=(-32, 32, -32, 32))
for sign in (1, -1):
    left.fill([0, 18.5, -18.5], [0, 32 * sign, 32 * sign], color="0.7", alpha=0.8, lw=0)
left.plot([-32, 32], np.tan(theta) * np.array([-32, 32]), color="white", ls="-", lw=1)
left.set(xlim=(-32, 32), ylim=(-32, 32))
left.grid(False)
decorate(left, "log |FFT|; grey: not measured", "horizontal frequency", "vertical frequency")
right.semilogy(sigma, abs(of_picture), label="Fourier transform of the picture on the line")
right.semilogy(sigma, abs(of_view), label="Fourier transform of the view")
right.set_ylim(5e-4, 2)
decorate(right, "The view at 25 degrees is the white line", "frequency σ", "absolute value")
right.legend(loc="lower left")
plt.show()

# %% [markdown]
# The two curves coincide. So 120 views fill the frequency plane with lines, except for a *double
# wedge* about the vertical axis, grey in the left picture, in which nothing is measured at all.

# %%
gap = np.linalg.norm(of_view - of_picture) / np.linalg.norm(of_view)
claim("slice theorem at 25 degrees: relative distance of the two sides", gap, low=0, high=0.02)

# %% [markdown]
# Which *edges* are lost? High frequencies at a point describe an edge there, and their direction is
# the normal of the edge. The precise notion is the following.
#
# **Definition.** A pair $(x, \xi)$ of a point and a direction $\xi \neq 0$ is *not* in the
# **wavefront set** of $f$ if there is a smooth bump around $x$, equal to 1 near $x$, such that the
# Fourier transform of bump times $f$ decreases faster than every power in a cone of directions
# around $\xi$. The pairs in the wavefront set are called the *singularities* of $f$.
#
# For a disc of constant density, the wavefront set consists of the boundary points with their
# normals. A singularity $(x, \xi)$ is **visible** if the direction of $\xi$ is among the measured
# angles. Visible singularities can be recovered stably from the data, invisible ones cannot (Quinto
# 1993). Here is the theorem as a picture. We need the classical inversion, *filtered
# back-projection*: multiply each view's Fourier transform by $|\sigma|$, then back-project.


# %%
def filtered_back_projection(y):
    """FBP of sinograms (batch, rays): images (batch, 64, 64), with a Hann window against noise."""
    h, views = 2 / size, y.reshape(len(y), len(angles), -1)
    f = np.fft.rfftfreq(256)  # cycles per detector cell
    ramp = f / h * np.cos(np.pi * f) ** 2
    filtered = np.fft.irfft(ramp * np.fft.rfft(views, 256), 256)[..., : views.shape[2]]
    step = angles[1] - angles[0]
    return (A.T @ filtered.reshape(len(y), -1).T).T.reshape(-1, size, size) * step / h


# %% alt="A disc, its boundary blue where visible; its FBP has sharp sides but no top and bottom."
disc = [(0, 0, 0.6, 0.6, 0, 1)]
blurred = filtered_back_projection(ellipse_sinogram(disc, angles, positions).reshape(1, -1))[0]
fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.2))
pictures = ellipse_image(disc, size), blurred
for ax, image, title in zip(axes, pictures, ("disc", "FBP from 120 degrees"), strict=True):
    ax.imshow(image, extent=(-1, 1, -1, 1), cmap="gray", vmin=-0.3, vmax=1.3)
    decorate(ax, title, "x", "y")
    ax.grid(False)
for start, name in ((-60, "blue"), (60, "vermillion"), (120, "blue"), (240, "vermillion")):
    turn = np.deg2rad(np.linspace(start, start + (120 if name == "blue" else 60)))
    style = {"lw": 3, "ls": "-" if name == "blue" else ":"}
    axes[0].plot(0.6 * np.cos(turn), 0.6 * np.sin(turn), color=COLOURS[name], **style)
plt.show()

# %% [markdown]
# Left: boundary points with a measured normal are drawn blue, the others red and dotted. Right:
# what filtered back-projection finds. The blue edges are sharp. The red ones have dissolved, and
# streaks leave the picture along the border of the wedge. No cleverer use of the same data brings
# the red edges back *without further knowledge*, and that knowledge is what this companion is
# about.
#
# ## 3. Sorting a picture by direction: shearlets
#
# We want to say "this part of the picture was measured, that part was not", and a pixel cannot say
# it: an edge point is visible or invisible depending on its direction. So we look for functions
# that are localised in position *and* direction. Cut the frequency plane into pieces: choose real
# windows $\psi_j \geq 0$ on it, and define the coefficients of a picture $x$ by
# $$c_j = F^{-1}(\psi_j \cdot F x),$$
# where $F$ is the discrete Fourier transform. Each $c_j$ is again a picture, and holds the content
# of $x$ at the frequencies of window $j$. When do the coefficients keep all information?
#
# By Plancherel, $\sum_j \|c_j\|^2$ is the sum of $|Fx|^2 \sum_j \psi_j^2$. So with
# $\alpha = \min \sum_j\psi_j^2$ and $\beta = \max\sum_j \psi_j^2$ over all frequencies
# $$\alpha \|x\|^2 \le \sum_j \|c_j\|^2 \le \beta\|x\|^2,$$
# and these *frame bounds* are best possible. The system is a **frame** if $\alpha > 0$, and
# **Parseval** if $\alpha = \beta = 1$: then analysis is an isometry.
#
# ### Exercise tomography.2 ★★ (15 min) — Make a system Parseval
#
# Let `windows` have shape (bands, rows, columns). Write `make_parseval(windows)`, which returns
# three things: the lower frame bound, the upper frame bound, and new windows, which arise by
# dividing all windows at each frequency by the same positive number so that the system is Parseval.
# If all windows vanish at some frequency, raise `ValueError`: no division helps.
#
# <details><summary>Hint</summary>
#
# `(windows**2).sum(axis=0)` has one number per frequency. Its extremes are the bounds.
#
# </details>


# %%
def make_parseval(windows):
    # BEGIN SOLUTION
    total = (windows**2).sum(axis=0)  # (rows, columns)
    if total.min() == 0:
        raise ValueError("windows must not vanish together: some frequency is not seen")
    return total.min(), total.max(), windows / np.sqrt(total)
    # END SOLUTION


# %%
make_parseval = check("tomography.2", make_parseval, otherwise=solutions.make_parseval)

# %% [markdown]
# Now the windows themselves. Two smooth steps are all we need: Meyer's polynomial $m$, which rises
# from 0 to 1 with $m(t) + m(1-t) = 1$, and a low-pass profile made from it. Since
# $\cos^2\frac{\pi t}{2} + \cos^2\frac{\pi(1-t)}{2} = 1$, neighbouring windows $\cos(\frac\pi2 m)$
# will have squares that sum to 1.


# %%
def meyer(t):
    t = np.clip(t, 0, 1)
    return t**4 * (35 - 84 * t + 70 * t**2 - 20 * t**3)


def low(u):
    """1 up to 1/2, 0 from 1 on, smooth in between."""
    return np.cos(np.pi / 2 * meyer(2 * u - 1))


# %% [markdown]
# *Rings* cut by size: the largest coordinate of the frequency, in octaves. *Fans* cut by direction.
# A fan's variable is the slope $k_y/k_x$ on the horizontal cone $|k_y| \le |k_x|$ and
# $2 - k_x/k_y$ on the vertical cone. In half a turn it runs from $-1$ to $3$. For example, the
# direction $(1, 0)$ has the value 0, the diagonal $(1, 1)$ the value 1 in both formulas, and the
# direction $(0, 1)$ the value 2. Slopes in place of angles keep the pieces aligned with the pixel
# grid: to change the slope is to *shear* the plane, and this gives shearlets their name. The number
# of directions doubles with every second ring. A window of length $\ell$ is then about $\sqrt\ell$
# wide, which is the right shape for edges that bend: a curve leaves its tangent by the square of
# the distance.


# %%
def rings(rho, scales):
    """Squares of the radial windows, from low to high frequencies: (1 + scales, N, N), sum 1."""
    steps = [low(rho * 2.0**j) ** 2 for j in range(scales - 1, -1, -1)]
    return np.maximum(np.diff([0 * rho, *steps, 0 * rho + 1], axis=0), 0)


def fans(turn, directions):
    """Squares of the angular windows: (directions, N, N), sum 1."""
    centres = 4 / directions * np.arange(directions)[:, None, None]
    steps_away = abs((turn - centres + 2) % 4 - 2) * directions / 4
    return np.cos(np.pi / 2 * meyer(steps_away)) ** 2


# %%
def shearlets(size, scales=3):
    """Windows (bands, size, size) on the grid of np.fft.fft2; row 0 of a picture is its top."""
    k = np.fft.fftfreq(size)
    kx, ky = k[None, :], -k[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.where(abs(kx) >= abs(ky), ky / kx, 2 - kx / ky)
    turn[0, 0] = 0
    low_pass, *octaves = rings(2 * np.maximum(abs(kx), abs(ky)), scales)
    squares = [low_pass[None], *(r * fans(turn, 8 * 2 ** (j // 2)) for j, r in enumerate(octaves))]
    squares = np.concatenate(squares)
    mirrored = np.roll(squares[:, ::-1, ::-1], 1, axis=(1, 2))  # at the frequency -k
    return np.sqrt((squares + mirrored) / 2)


# %% [markdown]
# The last two lines make every window even, $\psi(-k) = \psi(k)$, so that real pictures have real
# coefficients. They matter only for the frequency $-N/2$, whose negative is itself. That is the
# whole frame, in 27 lines. With 64 pixels it has one low-pass window and $8 + 8 + 16$ directions.

# %% tags=["nbval-check-output"]
filters = shearlets(size)
print(
    filters.shape, "windows; the course's are the same:", np.allclose(filters, shearlet_filters(64))
)

# %%
lower, upper, _ = make_parseval(filters)
claim("frame bounds of our shearlets: upper minus lower", float(upper - lower), low=0, high=1e-12)

# %% [markdown]
# ### Exercise tomography.3 ★★ (15 min) — The way back
#
# `analyse(image, filters)` computes all $c_j = F^{-1}(\psi_j\, F x)$ for even real windows. Its
# *adjoint* is the map `synthesise` with $\langle \mathrm{analyse}(x), c\rangle = \langle x,
# \mathrm{synthesise}(c)\rangle$ for all pictures $x$ and all coefficients $c$ (sums over all
# entries). Write `synthesise(coefficients, filters)` for coefficients of shape (bands, N, N), with
# a real array of shape (N, N) as result. The check also uses frames that are not Parseval, so it
# asks for the adjoint and not for the inverse.
#
# <details><summary>Hint</summary>
#
# $F$ is $N$ times a unitary map, so the adjoint of $F^{-1}\psi F$ is $F^{-1}\bar\psi F$, and
# $\psi$ is real. The adjoint of "make many pictures of one" is "add them up".
#
# </details>


# %%
def synthesise(coefficients, filters):
    # BEGIN SOLUTION
    spectrum = (filters * np.fft.fft2(coefficients)).sum(axis=0)
    return np.fft.ifft2(spectrum).real
    # END SOLUTION


# %%
synthesise = check("tomography.3", synthesise, otherwise=solutions.synthesise)

# %%
x = ellipse_image(example, size)
back = np.asarray(synthesise(analyse(x, filters), filters))
claim("analyse, then synthesise: largest error", abs(back - x).max(), low=0, high=1e-12)

# %% [markdown]
# For a Parseval frame the adjoint is also a left inverse, because $\|Tx\|^2 = \|x\|^2$ for all $x$
# means $T^*T = 1$. The picture comes back to the last digits.
#
# Which bands belong to the missing wedge? The next figure colours each frequency by the window that
# is largest there. Red bands are those whose centre is not a measured direction.

# %%
hidden = invisible_bands(filters, angles)  # (33,)
strongest = np.fft.fftshift(filters.argmax(axis=0))
shades = {False: ("sky", "blue"), True: ("orange", "vermillion")}
colour = [to_rgb(COLOURS[shades[bool(h)][b % 2]]) for b, h in enumerate(hidden)]
tiles = np.array(colour)[strongest]  # (64, 64, 3)

# %% alt="Tiling of the frequency plane, wedge bands red; three shearlets with their directions."
fig, axes = plt.subplots(1, 4, figsize=(8, 2.5), width_ratios=[1.4, 1, 1, 1])
axes[0].imshow(tiles, extent=(-32, 32, -32, 32), interpolation="nearest")
axes[0].plot([-18.5, 18.5], [-32, 32], [18.5, -18.5], [-32, 32], color="k", lw=1, ls="-")
decorate(axes[0], "red, orange: invisible", "horizontal frequency", "vertical frequency")
for ax, band, title in zip(axes[1:], (1, 18, 25), ("coarse", "fine", "invisible"), strict=True):
    atom = np.fft.fftshift(np.fft.ifft2(filters[band]).real)
    limit = abs(atom).max()
    ax.imshow(atom, cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
    ax.set(title=f"{title} (band {band})", xticks=[], yticks=[])
for ax in axes:
    ax.grid(False)
plt.show()

# %% [markdown]
# On the left, light and dark tiles alternate only to show the borders; the black lines bound the
# wedge that is not measured. On the right are three shearlets: the pictures whose inner products
# with $x$, over all positions, are the coefficients of a band. Each is a short wave across one
# direction. The last one oscillates vertically, so it reports horizontal edges, and no view of ours
# contains it.
#
# ### Exercise tomography.4 ★★ (20 min) — What a wedge hides
#
# A ring with $D = 4q$ directions has the bands $d = 0, \dots, D - 1$ with centres $(k_x, k_y) =
# (q, d)$ for $d \le q$, then $(2q - d, q)$ for $q \le d \le 3q$, and $(-q, 4q - d)$ for
# $d \ge 3q$ ($y$ points up). A scanner measures the directions from $-(90 - w/2)$ to $90 - w/2$
# degrees, both ends included, and misses a wedge of $w$ degrees about the vertical. Write
# `invisible_directions(directions, missing)`, which returns the increasing list of those $d$ whose
# centre is not measured.
#
# <details><summary>Hint</summary>
#
# `np.arctan2(ky, kx)` is the direction of a centre, between 0 and $\pi$. For $w = 90$ the diagonal
# centres lie exactly on the border; they are measured. Rounding must not decide this.
#
# </details>


# %%
def invisible_directions(directions, missing):
    # BEGIN SOLUTION
    q, found = directions // 4, []
    for d in range(directions):
        kx, ky = (q, d) if d <= q else (2 * q - d, q) if d <= 3 * q else (-q, 4 * q - d)
        from_vertical = abs(np.rad2deg(np.arctan2(ky, kx)) - 90)
        if from_vertical < missing / 2 - 1e-9:
            found.append(d)
    return found
    # END SOLUTION


# %%
invisible_directions = check(
    "tomography.4", invisible_directions, otherwise=solutions.invisible_directions
)

# %% tags=["nbval-check-output"]
for missing in (30, 60, 90):
    lost = [[int(d) for d in invisible_directions(D, missing)] for D in (8, 8, 16)]
    print(f"{missing} degrees missing: {sum(map(len, lost))} of 33 bands hidden,", lost)
print("the frame's own count at 60 degrees:", hidden.sum())

# %% [markdown]
# A wedge of 60 degrees hides 11 of the 33 bands, one third of them, just as the wedge itself is one
# third of all directions. The frame's own function agrees.
#
# ## 4. Reconstruction without learning
#
# Now a hundred fresh phantoms, measured with 1 % of noise. We judge a reconstruction $\hat x$ of
# the picture $x$ by its *relative error* $\|\hat x - x\| / \|x\|$, and average over the hundred.


# %%
def measure(ellipses, generator):
    """The exact sinogram, flat, plus Gaussian noise of 1 % of its norm."""
    y = ellipse_sinogram(ellipses, angles, positions).ravel()
    return y + 0.01 * np.linalg.norm(y) / np.sqrt(len(y)) * generator.normal(size=len(y))


def tensor(array):
    return torch.tensor(array, dtype=torch.float32, device=device())


def relative_error(found, truth):
    """One number per picture: (batch,)."""
    return (found - truth).flatten(1).norm(dim=1) / truth.flatten(1).norm(dim=1)


# %%
generator = rng(1)
fresh = [phantom(generator) for _ in range(100)]
truth = tensor(np.stack([ellipse_image(e, size) for e in fresh]))  # (100, 64, 64)
data = np.stack([measure(e, generator) for e in fresh])  # (100, 120 * 93)
results = {"FBP": tensor(filtered_back_projection(data))}

# %% [markdown]
# Filtered back-projection fills the wedge with zeros. Better methods ask for a picture that
# *explains the data* and is *plausible*: they minimise
# $$\tfrac12 \|Ax - y\|^2 + \lambda\, P(Kx) \quad\text{over } x \ge 0 ,$$
# where $y$ is the measured sinogram, $K$ is a linear map, $P$ says what is implausible, and the
# number $\lambda > 0$ says how much that counts. Two choices of $K$ have become
# classical. With $K$ = shearlet analysis and $P$ = the sum of absolute values, a plausible picture
# has few large shearlet coefficients ($\ell^1$-*shearlet*). With $K$ = the differences of
# neighbouring pixels and $P$ = the sum of the lengths of these two-vectors, a plausible picture is
# constant between few edges (*total variation*, TV). Our phantoms are constant between edges, so
# TV is the baseline to fear. *Tikhonov's* method, the oldest, takes $\|x\|^2$ and solves a linear
# equation.
#
# Both problems are solved by the same iteration (ADMM). It keeps a second copy $z$ of $Kx$ and a
# copy $w$ of $x$; each step solves a least squares problem for $x$, applies the simple rule
# *shrink* to $z$ and $\max(\cdot, 0)$ to $w$, and adds up the disagreements $u$ and $v$ between the
# copies until they vanish.


# %%
def admm(b, K, adjoint, shrink, inverse, steps):
    """Minimise |Ax - y|^2 / 2 + penalty(Kx), x >= 0, for b = A^T y (batch, 64, 64)."""
    x = torch.zeros_like(b)
    z, w = K(x), x
    u, v = torch.zeros_like(z), torch.zeros_like(x)
    for _ in range(steps):
        right = b + rho * (adjoint(z - u) + w - v)
        x = (right.flatten(1) @ inverse).view_as(b)
        Kx = K(x)
        z, w = shrink(Kx + u), (x + v).clamp(min=0)
        u, v = u + Kx - z, v + x - w
    return w


# %% [markdown]
# The matrix `inverse` is the inverse of $A^TA + \rho\,(K^TK + 1)$, where the number $\rho > 0$ says
# how firmly each step holds $Kx$ and $x$ to their copies. It belongs to the scanner and not to
# the picture, so we compute it once, and each step is one matrix product for all pictures together.
# For a Parseval frame $K^TK = 1$. We divide $A$ by a number near its norm.

# %%
rho = 3e-3
norm = np.linalg.norm(A @ np.ones(size**2)) / size
gram = tensor((A.T @ A / norm**2).toarray())  # (4096, 4096)
unit = torch.eye(size**2, device=device())
projected = tensor((A.T @ data.T / norm**2).T.reshape(-1, size, size))  # A^T y

# %%
tikhonov = torch.linalg.solve(gram + 1e-3 * unit, projected.flatten(1).T).T
results["Tikhonov"] = tikhonov.reshape(truth.shape).clamp(min=0)

# %% [markdown]
# Here are analysis and synthesis once more, in PyTorch and for batches. For real pictures half of
# the frequencies are enough (`rfft2`). To shrink a number means to move it towards 0 by a fixed
# amount and to stop at 0; finer bands get a larger amount.

# %%
windows = tensor(filters[:, :, : size // 2 + 1])  # (33, 64, 33)
amount = tensor(np.repeat([0, 1.5e-5, 3e-5, 6e-5], [1, 8, 8, 16]))[:, None, None] / rho


def analysis(x):
    return torch.fft.irfft2(windows * torch.fft.rfft2(x)[:, None], s=(size, size))


def synthesis(c):
    return torch.fft.irfft2((windows * torch.fft.rfft2(c)).sum(dim=1), s=(size, size))


def soft(c):
    return c.sign() * (c.abs() - amount).clamp(min=0)


# %%
inverses = {"l1": torch.linalg.inv(gram + 2 * rho * unit)}
parts = [
    admm(b, analysis, synthesis, soft, inverses["l1"], steps=30)
    for b in progress(projected.split(20), desc="l1-shearlet")
]
results["l1"] = torch.cat(parts)

# %% [markdown]
# For TV we need the adjoint of the difference map, and there is a pleasant way to get it without
# thinking: *backpropagation through a linear map is its adjoint*. `torch.func.vjp` returns it.


# %%
def differences(x):
    """Right minus left and lower minus upper pixel, (batch, 2, 64, 64); 0 at the far border."""
    right = nn.functional.pad(x.diff(dim=2), (0, 1))
    return torch.stack([right, nn.functional.pad(x.diff(dim=1), (0, 0, 0, 1))], dim=1)


def differences_adjoint(g):
    return torch.func.vjp(differences, torch.zeros_like(g[:, 0]))[1](g)[0]


def soft_vectors(g):
    length = g.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return g * (1 - 3.5e-4 / rho / length).clamp(min=0)


# %%
laplace = differences_adjoint(differences(unit.view(-1, size, size))).view(size**2, size**2)
inverses["TV"] = torch.linalg.inv(gram + rho * (laplace + unit))
results["TV"] = admm(
    projected, differences, differences_adjoint, soft_vectors, inverses["TV"], steps=40
)

# %%
errors = {name: relative_error(x, truth).mean().item() for name, x in results.items()}
print({name: round(error, 3) for name, error in errors.items()})
claim("relative error of l1-shearlet", errors["l1"], low=0.13, high=0.165)
claim("relative error of total variation", errors["TV"], low=0.1, high=0.13)

# %% [markdown]
# Each better idea of what is plausible pays: the error falls from one half of the norm to one
# ninth. Total variation assumes that a picture is constant between edges. Ours are, and that makes
# it hard to beat.
#
# ## 5. Learning only what was not measured
#
# A convolutional network can learn from examples what such pictures look like. But a network that
# maps a bad reconstruction to a good one may change *anything*, edges that the scanner saw
# included. The idea of *learning the invisible* is a division of labour: keep all visible shearlet
# coefficients of a model-based reconstruction, and let the network supply the invisible ones.
#
# ### Exercise tomography.5 ★ (10 min) — Keep what was seen
#
# Let `start` and `guess` be two pictures and `hidden` a boolean array with one entry per band.
# Write `hybrid(start, guess, filters, hidden)`: analyse both, take the coefficients of `guess` in
# hidden bands and those of `start` in all others, and synthesise.
#
# <details><summary>Hint</summary>
#
# Coefficients have shape (bands, N, N), so `c[hidden]` are those of the hidden bands.
#
# </details>


# %%
def hybrid(start, guess, filters, hidden):
    # BEGIN SOLUTION
    c = analyse(start, filters)
    c[hidden] = analyse(guess, filters)[hidden]
    return synthesise(c, filters)
    # END SOLUTION


# %%
hybrid = check("tomography.5", hybrid, otherwise=solutions.hybrid)

# %% [markdown]
# On the Fourier side all this collapses to one line. Each coefficient is multiplied by $\psi_j$
# twice, on the way there and on the way back, so
# $$\widehat{\mathrm{hybrid}} = (1 - m)\,\widehat{\mathrm{start}} + m\,\widehat{\mathrm{guess}},
# \qquad m = \sum_{j\ \mathrm{hidden}} \psi_j^2 .$$
# Where $m = 0$ the hybrid *is* the start, whatever the network says. At the border of the wedge,
# where visible and hidden windows overlap, the two are mixed. `glue` does this for a batch.

# %%
m = tensor((filters[hidden] ** 2).sum(axis=0))[:, : size // 2 + 1]  # (64, 33)


def glue(start, guess, m=m):
    """Frequencies of `guess` with weight m, of `start` with weight 1 - m."""
    spectrum = (1 - m) * torch.fft.rfft2(start) + m * torch.fft.rfft2(guess)
    return torch.fft.irfft2(spectrum, s=(size, size))


# %%
ours = glue(results["l1"][:1], truth[:1])[0].cpu().numpy()
slow = np.asarray(hybrid(results["l1"][0].cpu().numpy(), truth[0].cpu().numpy(), filters, hidden))
claim("exercise tomography.5 against one multiplier", abs(ours - slow).max(), low=0, high=1e-4)

# %% [markdown]
# The network is a small *U-Net*: convolutions at full, half and a quarter of the resolution, and
# then back up, each level joined with the one it came from. To save time it starts by sorting each
# $2 \times 2$ block of pixels into four channels (`pixel_unshuffle`). Its output is *added* to its
# input, and the last layer starts at zero. So the untrained network returns its input, and whatever
# it gains was learnt.


# %%
def block(inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        conv = nn.Conv2d(channels, outputs, 3, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


# %%
class UNet(nn.Module):
    """Pictures (batch, 64, 64) to pictures of the same shape."""

    def __init__(self):
        super().__init__()
        w = scale(laptop=16, paper=32)
        self.level1, self.level2, self.level4 = block(4, w), block(w, 2 * w), block(2 * w, 4 * w)
        self.up2, self.up1 = block(6 * w, 2 * w), block(3 * w, w)
        self.last = nn.Conv2d(w, 4, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x):
        a = self.level1(nn.functional.pixel_unshuffle(x[:, None], 2))  # (batch, w, 32, 32)
        b = self.level2(nn.functional.max_pool2d(a, 2))  # (batch, 2w, 16, 16)
        c = self.level4(nn.functional.max_pool2d(b, 2))  # (batch, 4w, 8, 8)
        up = nn.functional.interpolate
        b = self.up2(torch.cat([up(c, scale_factor=2), b], dim=1))
        a = self.up1(torch.cat([up(b, scale_factor=2), a], dim=1))
        return x + nn.functional.pixel_shuffle(self.last(a), 2)[:, 0]


# %% [markdown]
# For training the course ships 600 other phantoms with their $\ell^1$ and TV reconstructions, made
# by the iteration above (`tools/data/make_tomography.py`). We measure the phantoms again for FBP.

# %% tags=["nbval-check-output"]
shipped = datasets.load("tomography_600.npz")
ends = np.cumsum(shipped["counts"], dtype=int)
known = np.split(shipped["ellipses"], ends[:-1])  # 600 lists of ellipses
print(len(known), "phantoms,", ends[-1], "ellipses, reconstructions", shipped["l1"].shape)

# %%
known_truth = tensor(np.stack([ellipse_image(e, size) for e in known]))
known_data = np.stack([measure(e, generator) for e in known])
known_start = {name: tensor(shipped[name] / 64) for name in ("l1", "tv")}
known_start["fbp"] = tensor(filtered_back_projection(known_data))

# %% [markdown]
# A flip of a picture in the $x$- or the $y$-axis maps the missing wedge to itself, so flipped
# examples are examples. `finish` says what is made of the network's output: for the hybrid it is
# `glue`, and since gradients pass through `glue`, the network learns for the frequencies for which
# it is responsible.

# %%
steps = scale(laptop=200, paper=5000)


def train(start, finish):
    """Train a U-Net on pairs (start, truth) of the 600 known phantoms."""
    net = UNet().to(device(), memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    try:
        for _ in progress(range(steps), desc="training"):
            rows = torch.randint(len(start), (16,))
            flips = [axis for axis in (1, 2) if torch.rand(()) < 0.5]
            x, y = start[rows].flip(flips), known_truth[rows].flip(flips)
            loss = (finish(x, net(x)) - y).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    except KeyboardInterrupt:
        print("interrupted: the network keeps what it has learnt")
    return net.eval()


# %%
def free(start, guess):
    """Freeze nothing: the network's output as it is."""
    return guess


# %% [markdown]
# Four networks get the same budget, 200 steps with 16 pictures each: the usual one that repairs
# FBP; the hybrid on $\ell^1$-shearlet; the same network on $\ell^1$-shearlet with nothing frozen;
# and the hybrid on TV. **Predict** their order, and where TV alone will stand among them.

# %%
nets = {
    "U-Net(FBP)": ("FBP", train(known_start["fbp"], free), free),
    "hybrid(l1)": ("l1", train(known_start["l1"], glue), glue),
    "U-Net(l1)": ("l1", train(known_start["l1"], free), free),
    "hybrid(TV)": ("TV", train(known_start["tv"], glue), glue),
}

# %%
with torch.no_grad():
    for name, (begin, net, finish) in nets.items():
        results[name] = finish(results[begin], net(results[begin]))
errors = {name: relative_error(x, truth).mean().item() for name, x in results.items()}

# %% tags=["headline"]
claim(
    "learning the invisible: relative error on 100 fresh phantoms",
    errors["hybrid(l1)"],
    low=0.11,
    high=0.14,
)
claim("hybrid / l1-shearlet", errors["hybrid(l1)"] / errors["l1"], low=0.8, high=0.95)
claim("hybrid / U-Net(FBP)", errors["hybrid(l1)"] / errors["U-Net(FBP)"], low=0.45, high=0.8)

# %% alt="Bars of the relative error of eight methods, from FBP to the free U-Net on l1."
names = ["FBP", "Tikhonov", "U-Net(FBP)", "l1", "hybrid(l1)", "TV", "hybrid(TV)", "U-Net(l1)"]
kinds = ["sky", "sky", "orange", "sky", "vermillion", "sky", "vermillion", "orange"]
fig, ax = plt.subplots(figsize=(7, 3))
bars = ax.barh(
    names[::-1], [errors[n] for n in names[::-1]], color=[COLOURS[k] for k in kinds[::-1]]
)
ax.bar_label(bars, fmt="%.3f", padding=3)
ax.set_xlim(0, 0.6)
decorate(ax, "blue: model, orange: network, red: hybrid", "mean relative error, 100 phantoms", "")
plt.show()

# %% [markdown]
# The order of the paper is reproduced: the hybrid is better than its model parent ($\ell^1$) and
# better than the usual network (U-Net on FBP). Two facts belong beside it. First, TV without any
# learning beats the $\ell^1$ hybrid on these phantoms, and only a hybrid that starts from TV is
# better still. Second, the same network on the $\ell^1$ picture is *better when nothing is frozen*.
# So freezing does not buy accuracy. What it buys is the subject of section 7.

# %%
claim("relative error of the U-Net on FBP", errors["U-Net(FBP)"], low=0.17, high=0.28)
claim("hybrid on TV / TV alone", errors["hybrid(TV)"] / errors["TV"], low=0.85, high=0.99)
claim(
    "free network on l1 / hybrid on l1",
    errors["U-Net(l1)"] / errors["hybrid(l1)"],
    low=0.7,
    high=0.99,
)

# %% [markdown]
# ## 6. Look at the pictures
#
# An average hides what kind of mistake is made. The gallery shows one phantom of middle difficulty,
# five reconstructions, and below each its error, all on the same scale.

# %%
shown = ["FBP", "l1", "TV", "U-Net(FBP)", "hybrid(l1)"]
order = relative_error(results["hybrid(l1)"], truth).argsort()
which = int(order[50])  # the median
goal = truth[which].cpu().numpy()
errors_in_place = {name: results[name][which].cpu().numpy() - goal for name in shown}

# %% alt="Phantom and five reconstructions with error maps; errors sit on horizontal edges."
fig, axes = plt.subplots(2, 6, figsize=(8, 3))
grey = {"cmap": "gray", "vmin": 0, "vmax": goal.max(), "interpolation": "nearest"}
signs = {"cmap": "PuOr", "vmin": -goal.max() / 3, "vmax": goal.max() / 3}
axes[0, 0].imshow(goal, **grey)
axes[0, 0].set_title("phantom", fontsize=9)
for column, (name, error) in zip(axes.T[1:], errors_in_place.items(), strict=True):
    column[0].imshow(goal + error, **grey)
    column[0].set_title(name, fontsize=9)
    column[1].imshow(error, interpolation="nearest", **signs)
axes[1, 0].text(0.5, 0.5, "error:\npurple +\norange −", ha="center", va="center")
for ax in axes.flat:
    ax.set_axis_off()
plt.show()

# %% [markdown]
# Look at the second row. The errors of $\ell^1$, TV and the hybrid sit mostly along edges that run
# close to the horizontal: their normals point into the missing wedge. The hybrid's errors are a
# little paler than those of $\ell^1$ in the same places, because the network has guessed part of
# each lost edge.
# The U-Net on FBP blurs edges of all directions, and FBP itself loses a part of every ellipse.
#
# How much of the error is in the invisible third? Since the frame is Parseval, the energy of the
# error is the sum of the energies in the 33 bands, and the question has an exact answer.


# %%
def hidden_share(error):
    """The share of the energy of pictures (batch, 64, 64) that lies in the invisible bands."""
    energy = sum(analysis(e[None]).square().sum(dim=(0, 2, 3)) for e in error)  # (33,)
    return (energy[torch.tensor(hidden)].sum() / energy.sum()).item()


# %%
shares = {name: hidden_share(results[name][:50] - truth[:50]) for name in names}
of_truth = hidden_share(truth[:50])
claim("share of the error in invisible bands: l1-shearlet", shares["l1"], low=0.55, high=0.85)
claim("the same for TV", shares["TV"], low=0.55, high=0.9)
claim("share of a phantom's own energy in invisible bands", of_truth, low=0.02, high=0.12)

# %% alt="Error energy split in visible and invisible bands: models fail mostly in invisible ones."
energy = np.array([errors[n] ** 2 for n in names[1:]])
unseen = energy * [shares[n] for n in names[1:]]
fig, ax = plt.subplots(figsize=(7, 2.8))
ax.barh(names[1:][::-1], unseen[::-1], color=COLOURS["vermillion"], label="invisible bands")
rest = (energy - unseen)[::-1]
ax.barh(names[1:][::-1], rest, left=unseen[::-1], color=COLOURS["sky"], label="visible bands")
decorate(
    ax, "Where the error sits (50 phantoms; FBP is off the scale)", "squared relative error", ""
)
plt.show()

# %% [markdown]
# The invisible bands hold a few percent of the energy of a phantom, but most of the error of the
# two good model-based methods: what they could not see is what they get wrong. This is the theorem
# on visible singularities as a bar chart. The hybrid shortens the red part of the $\ell^1$ bar and
# leaves the blue part as it is. The unfrozen network shortens both. About half of the much larger
# error of the U-Net on FBP lies in *visible* bands, where the data had told the truth.
#
# ## 7. What freezing costs and what it buys
#
# **The cost.** A hybrid inherits every mistake that its start makes in the visible part. Suppose an
# oracle supplied the *true* invisible coefficients. The error that remains is a bound that no
# hybrid on this start can beat, however good its network.

# %%
bounds = {
    s: relative_error(glue(results[s], truth), truth).mean().item() for s in ("FBP", "l1", "TV")
}
claim("oracle bound for hybrids on FBP", bounds["FBP"], low=0.4, high=0.6)
claim("oracle bound for hybrids on l1", bounds["l1"], low=0.06, high=0.105)

# %% [markdown]
# The bound for FBP is sobering. FBP's visible part is so poor that such a hybrid on it would lose
# to plain $\ell^1$: divide the labour only with somebody whose half of the work is right.
#
# **What it buys.** First, a guarantee that does not depend on the training. At every frequency
# where only visible windows live ($m = 0$), the hybrid equals its start to rounding. We measure the
# largest change there, relative to the largest Fourier coefficient, for the hybrid and for the free
# network.

# %%
seen = m < 1e-12  # (64, 33)
print(f"{seen.double().mean().item():.0%} of the frequencies are out of the network's reach")


def change(name):
    """The largest change that a network makes to l1 where only visible windows live."""
    before, after = (torch.fft.rfft2(results[n])[:, seen] for n in ("l1", name))
    return ((after - before).abs().max() / before.abs().max()).item()


# %%
claim(
    "hybrid: largest change of a visible Fourier coefficient",
    change("hybrid(l1)"),
    low=0,
    high=1e-6,
)
claim("free network: the same", change("U-Net(l1)"), low=1e-3, high=1)

# %% [markdown]
# Second, we may ask what happens when the true picture changes. Take a phantom and add a thin bar.
# In one experiment the bar is *vertical* and moves to the right: its long edges are visible. In the
# other it is *horizontal* and moves up: its long edges are invisible. If $\Delta$ is the change of
# the true picture and $\hat\Delta$ the change of the reconstruction, then
# $\langle\hat\Delta, \Delta\rangle / \|\Delta\|^2$ is 1 for a method that follows the change and 0
# for one that ignores it. The noise is the same before and after, so whatever moves is an answer to
# the data. **Predict** which methods follow in each case.


# %%
def with_bar(ellipses, moved, upright):
    """Add a bar of half-length 0.35; `moved` shifts it across its length."""
    along, across = (0.35, 0.04), (0.04, 0.35)
    place, axes = ((moved, 0.0), across) if upright else ((0.0, moved), along)
    return np.vstack([ellipses, [*place, *axes, 0.0, 1.0]])


def reconstruct_all(y):
    """All methods but Tikhonov on new data (batch, rays)."""
    b = tensor((A.T @ y.T / norm**2).T.reshape(-1, size, size))
    found = {"FBP": tensor(filtered_back_projection(y))}
    found["l1"] = admm(b, analysis, synthesis, soft, inverses["l1"], steps=30)
    found["TV"] = admm(b, differences, differences_adjoint, soft_vectors, inverses["TV"], steps=40)
    with torch.no_grad():
        for name, (begin, net, finish) in nets.items():
            found[name] = finish(found[begin], net(found[begin]))
    return found


# %%
def response(upright, count=6):
    """For every method <change found, true change> / |true change|^2, over `count` phantoms."""
    pair = [[with_bar(e, s, upright) for e in fresh[:count]] for s in (-0.05, 0.05)]
    images = [tensor(np.stack([ellipse_image(e, size) for e in side])) for side in pair]
    sinograms = [np.stack([measure(e, rng(7)) for e in side]) for side in pair]
    before, after = (reconstruct_all(y) for y in sinograms)
    true = images[1] - images[0]
    return {
        n: ((after[n] - before[n]) * true).sum().item() / true.square().sum().item() for n in before
    }


# %%
follows = {"visible": response(upright=True), "invisible": response(upright=False)}

# %% alt="Bars: all methods follow a visible edge, none follows an invisible one by much."
fig, ax = plt.subplots(figsize=(7, 3))
rows = np.arange(len(follows["visible"]))
for shift, (kind, name) in zip(
    (0.2, -0.2), (("visible", "sky"), ("invisible", "vermillion")), strict=True
):
    values = list(follows[kind].values())
    ax.barh(rows + shift, values, height=0.38, color=COLOURS[name], label=f"{kind} edges moved")
ax.axvline(1, color="k", lw=0.8, ls="-")
ax.set_yticks(rows, list(follows["visible"]))
ax.set_xlim(0, 1.9)
decorate(ax, "Who follows a bar that moves by three pixels? (6 phantoms)", "share followed", "")
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# When the edges are visible, every reconstruction follows, FBP the least with about three quarters
# (a value a little above 1 means that the bar is drawn too strong). When they are invisible, no
# method follows by as much as a third, the networks no better than $\ell^1$. The data say little
# about this motion: its singularities that can be seen are those at the two short ends of the bar.
# So the network completes edges as they *usually* are. It cannot know where this one is, and a
# sharp horizontal edge in its picture is a guess that looks like a measurement.

# %%
claim("hybrid(l1) follows a visible edge", follows["visible"]["hybrid(l1)"], low=0.9, high=1.25)
claim("hybrid(l1) follows an invisible edge", follows["invisible"]["hybrid(l1)"], low=0.1, high=0.4)
claim(
    "free network follows an invisible edge", follows["invisible"]["U-Net(l1)"], low=0.1, high=0.4
)

# %% [markdown]
# ### Exercise tomography.6 ★★ (20 min, experiment) — The wrong wedge
#
# Suppose that somebody mixes up rows and columns and freezes the wrong bands: those that a scanner
# with the missing wedge about the *horizontal* axis would see. Predict whether the oracle bound for
# hybrids on $\ell^1$ rises or falls, and by how much; then compute it with
# `invisible_bands(filters, angles + np.pi / 2)` and `glue(…, m=…)`. Then train a network for the
# wrong wedge, and compare its error with that of `hybrid(l1)`. Suppose now that you do not know the
# true pictures: would one of these numbers have told you of the mistake, and what would?
#
# <details><summary>Hint</summary>
#
# `oracle = glue(results["l1"], truth, m=…)`, where `m` is made as in section 5, and the bound is
# `relative_error(oracle, truth).mean()`. For the network, pass `train` a `finish` that glues with
# the wrong `m`.
#
# </details>

# %% [markdown] tags=["solution"]
# The cell below finds a bound of about 0.13, nearly the error of $\ell^1$ itself (0.14): with the
# wrong wedge even an oracle can repair almost nothing, because the bands that it may replace were
# right already. A trained network can only do worse than that bound, so the hybrid loses nearly all
# of its gain. Without ground truth neither number is available. What does notice the mistake is the
# data: a hybrid that changes visible bands no longer explains the measurements, so compute
# $\|A\hat x - y\|$ for both hybrids and compare it with the noise.

# %% tags=["solution"]
wrong = invisible_bands(filters, angles + np.pi / 2)
m_wrong = tensor((filters[wrong] ** 2).sum(axis=0))[:, : size // 2 + 1]
oracle = glue(results["l1"], truth, m=m_wrong)
print(f"{wrong.sum()} bands, bound {relative_error(oracle, truth).mean().item():.3f}")

# %% [markdown]
# ### Exercise tomography.7 ★★★ (25 min, proof) — What a hybrid promises
#
# Let $\psi_j$ be a Parseval system of even real windows, $T$ the analysis, $H$ the set of hidden
# bands and $m = \sum_{j \in H} \psi_j^2$.
#
# 1. Show that $T^*T = 1$, and that $\|T^*c\| \le \|c\|$ for all coefficients $c$.
# 2. Let $h$ be the hybrid of the start $x$ and the guess $g$. Show that $\hat h(k) = \hat x(k)$ for
#    every frequency $k$ with $m(k) = 0$, whatever $g$ is.
# 3. Let $t$ be the true picture. Show that the error of every hybrid satisfies $N^2\|h - t\|^2 \ge
#    \sum_{m(k) = 0} |\hat x(k) - \hat t(k)|^2$. Why is the oracle's $g = t$ not always the best
#    guess?
#
# <details><summary>Hint</summary>
#
# Plancherel's theorem for the discrete transform is $N^2 \|x\|^2 = \sum_k |\hat x(k)|^2$. For the
# first part, polarise $\|Tx\|^2 = \|x\|^2$. For the second, write down the hybrid's Fourier
# transform as a sum over the bands.
#
# </details>

# %% [markdown] tags=["solution"]
# 1. By Plancherel, $\|Tx\|^2 = \sum_j \|c_j\|^2 = N^{-2}\sum_k |\hat x(k)|^2 \sum_j \psi_j(k)^2 =
#    \|x\|^2$. Polarisation gives $\langle x, T^*Ty \rangle = \langle Tx, Ty\rangle = \langle x,
#    y\rangle$ for all $x, y$, so $T^*T = 1$. And $\|T^*c\|^2 = \langle TT^*c, c\rangle \le
#    \|TT^*c\|\,\|c\| = \|T^*c\|\,\|c\|$.
# 2. The hybrid is $T^*$ applied to the coefficients $\psi_j\hat x$ for $j \notin H$ and
#    $\psi_j \hat g$ for $j \in H$ (on the Fourier side). $T^*$ multiplies by $\psi_j$ again
#    and adds: $\hat h = (1 - m)\hat x + m \hat g$. Where $m = 0$ this is $\hat x$.
# 3. By Plancherel $N^2\|h - t\|^2 = \sum_k |\hat h - \hat t|^2$. Keep only the terms with $m(k) =
#    0$ and use 2. With $g = t$ the error at a frequency is $(1 - m)(\hat x - \hat t)$, which is not
#    0 where $0 < m < 1$. There the guess $\hat g = \hat t + \frac{1 - m}{m}(\hat t - \hat x)$ would
#    repair the mistake of the start as well. A trained network may learn some of this, so the
#    "oracle bound" of section 7 is a bound for networks that aim at the true coefficients, and the
#    sum over $m(k) = 0$ is the bound for all.

# %% [markdown]
# ## What we learned
#
# - A view at angle $\theta$ measures one line of the Fourier transform. An edge is visible if its
#   normal is among the measured angles.
# - A Parseval shearlet frame is 27 lines of windows, and it splits a picture exactly: analysis is
#   an isometry and its adjoint is the way back.
# - Learning the invisible beats both its parents: the model alone, and the usual network on FBP. It
#   provably leaves alone what was measured.
# - Freezing costs accuracy: the same network with nothing frozen is better here, and TV without any
#   network beats the hybrid on $\ell^1$. Always show the baseline that knows your data.
# - No method followed an invisible edge that moved. A network fills in what is usual.
#
# **What it does not show.** That these orders hold on medical pictures: our phantoms are constant
# between edges, which favours TV, and training and test phantoms come from one distribution. Our
# networks are small and trained for seconds; `COURSE_SCALE=paper` trains longer. Nor do we prove
# anything about the guess itself.
#
# **Open question.** What is the least that one must freeze so that a hybrid provably invents
# nothing visible, and still comes within a given factor of the unconstrained network? One may
# freeze with weights between 0 and 1, freeze only where the start's residual $\|Ax - y\|$ is small,
# or constrain the output to explain the data. Literature: Bubba et al., *Learning the invisible*
# (arXiv 1811.04602); Andrade-Loarca, Kutyniok, Öktem, Petersen, *Deep microlocal reconstruction for
# limited-angle tomography* (arXiv 2108.05732).
#
# **Further reading.** F. Natterer, *The Mathematics of Computerized Tomography*, 1986. E. T.
# Quinto, *Singularities of the X-ray transform and limited data tomography*, SIAM J. Math. Anal. 24
# (1993). G. Kutyniok and D. Labate (eds.), *Shearlets*, 2012. The lecture note
# `lecture_notes/tomography.md` has the proofs.
