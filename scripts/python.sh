# Sourced by ./demo and ./check: sets $python to a Python that is new enough, or says what is missing.
python=""
for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed and none was found (looked for python3, python3.11 to python3.14)." >&2
    exit 1
fi
