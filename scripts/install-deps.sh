#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that are missing. Does nothing where all are there.
#   install-deps.sh build   a C compiler (SQLite and zstd are built from source)
#   install-deps.sh test    PostgreSQL and Redis servers; the tests start private ones
set -euo pipefail

missing=()
need() { # need PACKAGE, unless COMMAND works
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

case "${1:-}" in
build)
    need build-essential cc --version
    need pkg-config pkg-config --version
    ;;
test)
    need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
    need redis-server redis-server --version
    ;;
*)
    echo "usage: $0 build|test" >&2
    exit 2
    ;;
esac

[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "error: ${missing[*]} missing, and this is not Debian or Ubuntu; install them and run again" >&2
    exit 1
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
    sudo=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing ${missing[*]}"
"${sudo[@]}" apt-get update -q
"${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
