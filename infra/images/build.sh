#!/usr/bin/env bash
# Builds the images and pushes them, each with its SBOM (SPDX, as an attestation) and its provenance, and writes their digests.
#   build.sh REGISTRY VERSION [NAME...]      build.sh 123456789012.dkr.ecr.us-east-1.amazonaws.com/assay 0.1.0 vllm
# Names are assay, timescaledb and those of engines.txt; all of them when none is given. Needs docker with buildx, logged in to
# the registry.
set -euo pipefail
cd "$(dirname "$0")/../.."

registry=${1:?which registry? build.sh REGISTRY VERSION [NAME...]}
version=${2:?which version? build.sh REGISTRY VERSION [NAME...]}
shift 2
declare -A engines
while read -r name image; do
    engines[$name]=$image
done < <(grep -v '^#' infra/images/engines.txt)
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(assay timescaledb "${!engines[@]}")
revision=$(git rev-parse --short=12 HEAD)
digests=target/images
mkdir -p "$digests"

build() { # build NAME DOCKERFILE [ARGUMENT...]
    local name=$1 file=$2
    shift 2
    docker buildx build --file "infra/images/$file" --build-arg "ASSAY_REVISION=$revision" \
        --sbom=true --provenance=mode=max --platform linux/amd64 \
        --label "org.opencontainers.image.revision=$revision" --label "org.opencontainers.image.version=$version" \
        --tag "$registry/$name:$version" --metadata-file "$digests/$name.json" --push "$@" .
    docker buildx imagetools inspect "$registry/$name:$version" --format '{{ json .SBOM }}' > "$digests/$name.sbom.json"
}

for name in "${names[@]}"; do
    case "$name" in
    assay) build assay assay.Dockerfile ;;
    timescaledb) build timescaledb timescaledb.Dockerfile ;;
    *)
        image=${engines[$name]:?"$name is no engine of engines.txt"}
        repository=batch-runner-$name
        [ "$name" = simulated ] && repository=batch-runner
        build "$repository" batch-runner.Dockerfile --build-arg "ENGINE_IMAGE=$image"
        ;;
    esac
done
echo "built; digests and SBOMs are in $digests"
