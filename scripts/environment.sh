# Makes .venv and installs into it; sourced by quickstart.sh and test.sh. Says plainly what is missing.

say() { printf '\n== %s\n' "$1"; }
fail() { printf '\nerror: %s\n' "$1" >&2; exit 2; }

find_python() {
  for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] || continue
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
  done
  return 1
}

# prepare WHAT STAMP: installs WHAT (a pip requirement of this checkout) unless STAMP says it is current.
prepare() {
  local what=$1 stamp=.venv/$2 python log=.venv/install.log
  if [ ! -x .venv/bin/python ]; then
    python=$(find_python) || fail "Python 3.11 or newer is needed, and none was found. Install it, or name one with PYTHON=/path/to/python."
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv || { rm -rf .venv; fail "this Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; }
  fi
  if [ ! -f "$stamp" ] || [ pyproject.toml -nt "$stamp" ] || [ constraints.txt -nt "$stamp" ]; then
    say "installing dlkit and what it needs (torch is large: minutes, once)"
    .venv/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e "$what" >"$log" 2>&1 || {
      grep -v '^WARNING' "$log" | tail -n 15 >&2
      if grep -q 'No space left on device' "$log"; then
        fail "the disk is full, here or where temporary files lie (\$TMPDIR). torch and what it brings for NVIDIA cards take 6 GB; remove .venv after making room, and start again."
      fi
      fail "installing failed (all of it: $log). Is there a network, or a package mirror set up for pip?"
    }
    touch "$stamp"
  fi
}
