# Everything a fresh machine with Python 3.11 needs: `make demo` runs the main job, `make test` proves it.
.PHONY: demo test check format bench serve lock clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/ready
PACKAGES := flows review localization composition providers cost_tracking creative migrations

demo: $(READY)  ## One brief, 45 markets, 56 locales: hundreds of files, a contact sheet, a spend report
	$(BIN)/kampanj run briefs/spring-checkout.yaml --out out --choose auto --approve auto

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python benchmarks/composition.py
	$(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/runner.py
	$(BIN)/python benchmarks/posting.py
	$(BIN)/python benchmarks/mirror.py
	$(BIN)/python benchmarks/review_page.py

serve: $(READY)  ## The Prefect server and its pages, with this project's deployment, on loopback
	$(BIN)/kampanj serve

lock:  ## Needs uv. No file here may name a package index, hence no uv.lock
	uv pip compile pyproject.toml --group dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock

clean:
	rm -rf .venv .kampanj out

$(READY): requirements.lock pyproject.toml ci/fribidi.sh
	bash ci/fribidi.sh
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kampanj needs Python 3.11 or newer; set PYTHON=/path/to/it")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q $(PACKAGES)
	touch $@
