#!/bin/sh
# Debian splits venv from Python: install it where that is allowed, else say how.
set -e
version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python${version}-venv …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "python${version}-venv" >/dev/null
else
    echo "Python has no venv module here: sudo apt-get install python${version}-venv" >&2
    exit 1
fi
