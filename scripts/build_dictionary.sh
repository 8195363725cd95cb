#!/usr/bin/env bash
# Rebuilds the dictionary's index from its pages; `--check` only says what is not current.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh

prepare . installed
.venv/bin/python -m dlkit.dictionary.build "$@"
