"""Plumbing and exact mathematics of *Machine Learning for the Working Mathematician*.

`runtime` starts a notebook, `checks` judges exercises, `training` and `plotting` hold the loop
and the style, `datasets` the shipped data, `maths` the exact mathematics.
"""

__version__ = "0.1.0"
