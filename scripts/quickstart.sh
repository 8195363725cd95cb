#!/usr/bin/env bash
# From nothing to a trained model: makes .venv, installs dlkit, trains a CNN on real digits, offline.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh

prepare . installed
say "training configs/cnn_digits.yaml (1,797 handwritten digits from scikit-learn)"
.venv/bin/dlkit train configs/cnn_digits.yaml
printf '\nTo use dlkit from here:  source .venv/bin/activate && dlkit --help\n'
