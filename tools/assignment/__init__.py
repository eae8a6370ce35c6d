"""Exercises → an nbgrader assignment: `python -m tools.assignment create hw1 1.2 2.3`."""
