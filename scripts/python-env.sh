#!/usr/bin/env bash
# Makes .venv, in which the tests run the Python examples of the guide. Does nothing where it is whole already. Exits with 1,
# and one line that says why, where there is no Python or no way to PyPI: those tests are skipped then, with the reason.
set -uo pipefail
cd "$(dirname "$0")/.."

packages=scripts/python-packages.txt
made_from=.venv/made-from.txt

fail() {
  echo "notice: no Python environment, so its tests are skipped: $1" >&2
  exit 1
}

cmp -s "$packages" "$made_from" && exit 0
command -v python3 >/dev/null || fail "python3 is not installed"
python3 -m venv .venv >/dev/null 2>&1 || fail "python3 -m venv does not work (Debian: apt-get install python3-venv)"
timeout 300 .venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
  --timeout 20 --retries 2 -r "$packages" || fail "pip cannot install $packages"
cp "$packages" "$made_from"
