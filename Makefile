# Everything happens in .venv; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test lint board clean

install: .venv/installed

# The exact versions that the published figures were measured with.
.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[data,study,test]'
	touch $@

run: install
	$(BIN)/twofold run digits house-prices

test: install
	$(BIN)/pytest --numprocesses auto

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

board: install
	$(BIN)/twofold board

clean:
	rm -rf .venv build *.egg-info
