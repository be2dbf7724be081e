# Everything happens in .venv; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint board clean

# The exact versions that the published figures were measured with.
INSTALL = test -x $(BIN)/python || $(PYTHON) -m venv .venv; \
	$(BIN)/pip install --quiet --constraint constraints.txt --editable

.venv/for-run: pyproject.toml constraints.txt
	$(INSTALL) '.[data,study]'
	touch $@

.venv/for-test: pyproject.toml constraints.txt
	$(INSTALL) '.[data,study,jax,test]'
	touch .venv/for-run $@

run: .venv/for-run
	$(BIN)/twofold run digits house-prices
	@echo "The dashboards: make board"

test: .venv/for-test
	$(BIN)/pytest --numprocesses auto

lint: .venv/for-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

board: .venv/for-run
	$(BIN)/twofold board

clean:
	rm -rf .venv build dist *.egg-info
