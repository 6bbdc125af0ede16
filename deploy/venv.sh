#!/bin/sh
# Makes .venv if it is not there, and installs one hashed lock into it: venv.sh PYTHON LOCK STAMP
set -eu
python=$1 lock=$2 stamp=$3
command -v "$python" >/dev/null || { echo "Python is missing: install Python 3.11, or say make PYTHON=/path/to/python3.11" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' ||
  { echo "$("$python" --version) does not do: Switchboard needs Python 3.11 or 3.12: say make PYTHON=/path/to/python3.11, or use containers (docker compose up)" >&2; exit 1; }
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    { echo "Python's venv is missing: apt-get install python3-venv (as root), then try again" >&2; exit 1; }
  echo "Making .venv …"
  "$python" -m venv .venv
fi
echo "Installing $lock (once; some minutes on a slow line) …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
cat >.venv/bin/switchboard <<END
#!/bin/sh
PYTHONPATH='$PWD' exec '$PWD/.venv/bin/python' -m deploy.command "\$@"
END
chmod +x .venv/bin/switchboard
touch "$stamp"
