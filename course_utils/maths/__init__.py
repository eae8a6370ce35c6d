"""Exact mathematics in numpy, scipy and numba; nothing here imports torch or the course."""
