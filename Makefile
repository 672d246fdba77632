# `make demo` and `make test` need a fresh Debian 12 or Ubuntu with Python 3.11 to 3.13, and nothing else.

python = .venv/bin/python
lectern = $(python) -m lti_tool
compile = $(python) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

.PHONY: help demo demo-reset run test lint format lock translations

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: ## Start the demo course site and the tool, and print one address (Ctrl-C stops both)
	@.ci/prepare demo
	@exec $(lectern) demo

demo-reset: ## Delete everything the demo keeps
	@.ci/prepare demo
	@exec $(lectern) demo --reset

run: ## Start the tool alone, with the settings of the environment
	@.ci/prepare demo
	@exec $(lectern) serve --migrate

test: lint ## Linters, types, import contracts, then the whole suite with its browser tests
	$(python) -m pytest -n logical --maxprocesses 4

lint: ## Linters, types and import contracts alone
	@.ci/prepare test
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-cache

format: ## Put every Python file into the one format
	$(python) -m ruff check --fix --select I .
	$(python) -m ruff format .

lock: ## Write both lock files anew from setup.cfg (UPGRADE=--upgrade takes newer versions)
	@.ci/prepare demo
	$(python) -m pip install --quiet uv
	$(compile) $(UPGRADE) --extra embedded setup.cfg -o requirements.lock
	$(compile) $(UPGRADE) --extra embedded --extra test -c requirements.lock setup.cfg -o requirements-test.lock
	$(compile) $(UPGRADE) tests/peers/requirements.in -o tests/peers/requirements.lock

translations: ## Bring the catalogues of lti_tool/translations up to date with the texts of the pages
	@.ci/prepare test
	$(python) -m tests.meta.translations
