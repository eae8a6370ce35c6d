"""Grading of a class: answers run in a sandbox, are judged outside, marks go to nbgrader.

`python -m tools.grading grade hw1`. The way of a submission, one module a step:

- `release`      what was handed out: the plan by which answers are run, seeds, points
- `submissions`  the untrusted notebook: answers by id, and the clean copy for people to look at
- `answers`      which text is an answer, where a cell was copied or split
- `pool`         which process, here or on a Dask cluster, judges which submission
- `judge`        runs the answers in a sandbox and verifies what comes out, trusted
- `sandbox`      bubblewrap: what an answer may see and use
- `seccomp`      the system calls that it may not make
- `runner`       the program inside the sandbox
- `cells`        what a notebook's cell does, beside the runner
- `package`      the sandbox's copy of the course's package, without answers
- `record`       marks and comments into the gradebook, through nbgrader's API
- `similarity`   which answers are the same up to renaming
"""
