# Every target is phony: `make eval` beside the folder eval/ would do nothing otherwise.
# What was installed is stamped inside .venv, so that a second run starts at once.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help chat test lint format eval bench clean
.DELETE_ON_ERROR:

HOST ?= 127.0.0.1
PORT ?= 7860
VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --disable-pip-version-check --no-build-isolation --quiet
TORCH := torch==2.13.0

# The first of these that is new enough; or say PYTHON=/path/to/python.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

chat: $(VENV)/.app  ## install, index the articles, serve the chat (PORT=7860 HOST=127.0.0.1 ARTICLES=folder)
	@$(if $(ARTICLES),ARTICLES='$(ARTICLES)') $(RUN) app.py --host $(HOST) --port $(PORT)

test: $(VENV)/.test $(VENV)/.browser  ## install, then run every test (T=tests/qa for a part)
	@$(RUN) -m pytest $(T)

lint: $(VENV)/.lint  ## ruff and pyright
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/pyright

format: $(VENV)/.lint  ## put the code in shape
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

eval: $(VENV)/.app  ## run the question sets of SET= (files of questions)
	@test -n "$(SET)" || { echo 'say which questions: make eval SET=questions.jsonl' >&2; exit 2; }
	@$(RUN) -m eval run $(SET)

bench: $(VENV)/.test  ## run a benchmark (B=ask A=questions.jsonl); without B, say which there are
	@$(if $(B),$(RUN) -m benchmarks.$(B) $(A),cd benchmarks && for script in *.py; do \
		printf '%-22s' "$${script%.py}" && sed -n '1s/"""//gp' "$$script"; done)

clean:  ## remove what was installed and built here
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis

$(VENV)/.torch:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and none was found; install it, or say PYTHON=/path/to/python' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is older than Python 3.11' >&2; exit 1; }
	@echo 'installing into $(VENV) (some minutes, once)' >&2
	@test -x $(RUN) || '$(PYTHON)' -m venv $(VENV)
	@$(RUN) -m pip install --disable-pip-version-check --quiet '$(TORCH)' 'setuptools>=77,<90'
	@touch $@

$(VENV)/.app: pyproject.toml $(VENV)/.torch
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.torch
	@$(INSTALL) -e '.[test]'
	@touch $(VENV)/.app $@

$(VENV)/.lint: pyproject.toml $(VENV)/.torch
	@$(INSTALL) -e '.[test,lint]'
	@touch $(VENV)/.app $(VENV)/.test $@

# A browser and Chinese fonts for tests/web. Where we may not install them, say what is missing
# and let those tests say it again.
CHROMIUM := command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| command -v google-chrome-stable || ls -d '/Applications/Google Chrome.app' 2>/dev/null \
	|| ls -d '/Applications/Chromium.app' 2>/dev/null

$(VENV)/.browser: $(VENV)/.torch
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		dpkg -s chromium fonts-noto-cjk >/dev/null 2>&1 || { \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; }; \
		touch $@; \
	elif { $(CHROMIUM); } >/dev/null; then touch $@; \
	else echo 'no browser for the browser tests: install chromium and fonts-noto-cjk (Debian: apt-get install chromium fonts-noto-cjk; macOS: Google Chrome)' >&2; \
	fi
