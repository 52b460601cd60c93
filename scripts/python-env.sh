#!/usr/bin/env bash
# Makes .venv, in which the tests run the Python examples of the guide and open our ONNX files; with the argument "rival" .venv-rivals, with the
# rivals of the benchmarks, and with "backtest" .venv-backtest, with the rival of that one, which wants an older NumPy. Does nothing where it is whole already. Exits with 1, and one line that says why, where there is no
# Python or no way to PyPI: what needs it is skipped then, with the reason.
set -uo pipefail
cd "$(dirname "$0")/.."

kind=${1:-python}
case "$kind" in
  python) folder=.venv wait=600 ;;
  rival) folder=.venv-rivals wait=3600 ;;
  backtest) folder=.venv-backtest wait=1200 ;;
  *) echo "usage: scripts/python-env.sh [python|rival|backtest]" >&2; exit 2 ;;
esac
packages=scripts/$kind-packages.txt
made_from=$folder/made-from.txt

fail() {
  echo "notice: no Python environment $folder, so what needs it is skipped: $1" >&2
  exit 1
}

cmp -s "$packages" "$made_from" && exit 0
command -v python3 >/dev/null || fail "python3 is not installed"
python3 -m venv "$folder" >/dev/null 2>&1 || fail "python3 -m venv does not work (Debian: apt-get install python3-venv)"
timeout "$wait" "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
  --timeout 20 --retries 2 -r "$packages" || fail "pip cannot install $packages"
cp "$packages" "$made_from"
