#!/usr/bin/env bash
# The one check: style, types, tests. `scripts/test.sh tests/nn` runs only those tests.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh

prepare '.[test]' installed-test
# Two torch threads on busy cores are several times slower than one.
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
say "style"  # each command on a line of its own: a failure before && would not end the script
.venv/bin/ruff check .
.venv/bin/ruff format --check .
say "types"; .venv/bin/mypy
say "tests"; .venv/bin/python -m pytest -n "${JOBS:-2}" "$@"
