#!/usr/bin/env bash
# Builds the images and pushes them, each with its SBOM (SPDX, as an attestation) and its provenance. What they are called by
# digest is written as the lines of infra/kubernetes/overlays/*/places.yaml, of all images of the version that were built here.
#   build.sh REGISTRY VERSION [NAME...]      build.sh 123456789012.dkr.ecr.us-east-1.amazonaws.com/assay-trial 0.1.0 vllm
# Names are assay, timescaledb and those of engines.txt; all of them when none is given. Needs docker with buildx, logged in to
# the registry. SBOM and provenance are made by a builder of its own, `assay`: that of docker itself makes none unless it keeps
# images in containerd.
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
digests=target/images/$version
mkdir -p "$digests"
# CloudNativePG reads the version of PostgreSQL from the tag.
postgresql=$(sed -n 's,^FROM .*/postgresql:\([0-9.]*\).*,\1,p' infra/images/timescaledb.Dockerfile)

docker buildx inspect assay >/dev/null 2>&1 || docker buildx create --name assay --driver docker-container >/dev/null

build() { # build NAME TAG DOCKERFILE [ARGUMENT...]
    local name=$1 tag=$2 file=$3
    shift 3
    docker buildx build --builder assay --file "infra/images/$file" --build-arg "ASSAY_REVISION=$revision" \
        --sbom=true --provenance=mode=max --platform linux/amd64 \
        --label "org.opencontainers.image.revision=$revision" --label "org.opencontainers.image.version=$version" \
        --tag "$registry/$name:$tag" --metadata-file "$digests/$name.json" --push "$@" .
    docker buildx imagetools inspect "$registry/$name:$tag" --format '{{ json .SBOM }}' > "$digests/$name.sbom.json"
    docker buildx imagetools inspect "$registry/$name:$tag" --format '{{ .Manifest.Digest }}' > "$digests/$name.digest"
}

digest() { # digest NAME, if it was built here
    cat "$digests/$1.digest" 2>/dev/null || true
}

places() { # what of places.yaml names images
    local runners=() name
    for name in "${!engines[@]}"; do
        name=batch-runner-$name
        [ -z "$(digest "$name")" ] || runners+=("\"$name\": \"$(digest "$name")\"")
    done
    [ -z "$(digest assay)" ] || echo "image: $registry/assay:$version@$(digest assay)"
    echo "runner-images: $registry/"
    echo "runner-version: $version"
    (IFS=,; echo "runner-digests: '{${runners[*]}}'")
    [ -z "$(digest timescaledb)" ] \
        || echo "timescaledb-image: $registry/timescaledb:$postgresql-$version@$(digest timescaledb)"
}

for name in "${names[@]}"; do
    case "$name" in
    assay) build assay "$version" assay.Dockerfile ;;
    timescaledb) build timescaledb "$postgresql-$version" timescaledb.Dockerfile ;;
    *)
        image=${engines[$name]:?"$name is no engine of engines.txt"}
        build "batch-runner-$name" "$version" batch-runner.Dockerfile --build-arg "ENGINE_IMAGE=$image"
        ;;
    esac
done
places > "$digests/places.yaml"
echo "built; SBOMs are in $digests, and what they are called in $digests/places.yaml:"
cat "$digests/places.yaml"
