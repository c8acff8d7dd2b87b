#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that are missing, and for `test` the emulators in a Python environment. Does
# nothing where all are there.
#   install-deps.sh build   a C compiler (SQLite and zstd are built from source)
#   install-deps.sh test    PostgreSQL, Redis and emulators of AWS; the tests start private ones
set -euo pipefail
cd "$(dirname "$0")"

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
    need python3-venv python3 -c 'import ensurepip, venv'
    ;;
*)
    echo "usage: $0 build|test" >&2
    exit 2
    ;;
esac

install_packages() {
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        echo "error: ${missing[*]} missing, and this is not Debian or Ubuntu; install them and run again" >&2
        exit 1
    fi
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo=(sudo)
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo "installing ${missing[*]}"
    "${sudo[@]}" apt-get update -q
    "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# The emulators have a Python environment of their own in the cache folder, made anew when emulators.txt changes.
install_emulators() {
    local folder=${XDG_CACHE_HOME:-$HOME/.cache}/assay/emulators
    cmp -s emulators.txt "$folder/installed.txt" && return
    echo "installing emulators of AWS into $folder"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement emulators.txt
    cp emulators.txt "$folder/installed.txt"
}

install_packages
if [ "$1" = test ]; then
    install_emulators
fi
