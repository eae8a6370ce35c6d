"""Drawings that are more than a plot: `alcoves` (affine G2), `boards`, `films`, `proofs`."""
