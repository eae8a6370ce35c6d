# `make` alone lists the targets.
PYTHON ?= python3
RUN := .venv/bin/python
# What steers every Python on the reader's machine would lead ours astray.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONWARNINGS PYTHONINSPECT
unexport PYTHONPLATLIBDIR PYTHONEXECUTABLE PYTHONSTARTUP

.DEFAULT_GOAL := help
.PHONY: help setup test-setup lab test notebooks check instructor assignment grade site bench clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1	/' | expand -t 20

setup:  ## make or repair the environment .venv (CPU wheels of PyTorch: see the README)
	@$(PYTHON) tools/environment.py lab

test-setup:
	@$(PYTHON) tools/environment.py test

lab: setup  ## copy the notebooks that you do not have yet into my/ and open JupyterLab on week 1
	@$(RUN) -m tools.lab $(LAB_ARGS)

test: test-setup  ## lint, unit tests, doctests, notebook form, all notebooks in both states (PYTEST_ARGS=--ledger records times)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m tools.builder check
	$(RUN) -m tools.builder solved
	$(RUN) -m pytest -n logical --dist loadfile --no-loadscope-reorder --durations=10 \
	  --doctest-modules --doctest-glob='*.md' --nbval-lax --nbval-current-env --nbval-cell-timeout=300 -q \
	  tests course_utils tools lecture_notes notebooks build/instructor $(PYTEST_ARGS)

notebooks: test-setup  ## build and execute the student notebooks whose source changed (ALL=1: every one)
	$(RUN) -m tools.builder build $(if $(ALL),--all) $(NAMES)

check: test-setup  ## hold sources and committed notebooks to their form
	$(RUN) -m tools.builder check $(NAMES)

instructor: test-setup  ## write the solved copies into build/instructor
	$(RUN) -m tools.builder solved $(NAMES)

assignment: test-setup  ## compile NAME=hw1 EXERCISES="1.2 2.3" for nbgrader (POINTS="2.3=4" DUE=… COURSE=… HINTS=no)
	@$(RUN) -m tools.assignment create '$(NAME)' $(EXERCISES) $(if $(POINTS),--points $(POINTS)) \
	  $(if $(DUE),--due '$(DUE)') $(if $(COURSE),--course '$(COURSE)') $(if $(filter no,$(HINTS)),--no-hints)

grade: test-setup  ## mark what was collected for NAME=hw1 in course/ (COURSE=dir WORKERS=2 SCHEDULER=tcp://host:8786 TIMEOUT=10 AGAIN=1)
	@$(RUN) -m tools.grading grade '$(NAME)' $(if $(COURSE),--course '$(COURSE)') \
	  $(if $(WORKERS),--workers $(WORKERS)) $(if $(SCHEDULER),--scheduler '$(SCHEDULER)') \
	  $(if $(TIMEOUT),--timeout $(TIMEOUT)) $(if $(AGAIN),--again)

site: test-setup  ## the web site of notebooks and notes and their PDFs, in build/site
	$(RUN) -m tools.site

bench: test-setup  ## measure the kernels against their peers (NAMES="mobius_sieve …")
	$(RUN) -m benchmarks $(NAMES)

clean:  ## remove what make built; my/ stays
	rm -rf .venv build .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -not -path './my/*' -prune -exec rm -rf {} +
