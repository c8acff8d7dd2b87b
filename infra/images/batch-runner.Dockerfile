# syntax=docker/dockerfile:1
# The runner on an engine's official image. build.sh builds one for each line of engines.txt, where the images are pinned.
ARG ENGINE_IMAGE

# The glibc of Ubuntu 22.04: the oldest that any of the images has.
FROM ubuntu:22.04 AS build
ARG ASSAY_REVISION
ARG RUSTUP_VERSION=1.28.2
ARG RUSTUP_SHA256=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
ENV DEBIAN_FRONTEND=noninteractive CARGO_HOME=/opt/cargo RUSTUP_HOME=/opt/rustup PATH=/opt/cargo/bin:$PATH
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential ca-certificates curl pkg-config \
    && rm -rf /var/lib/apt/lists/*
# The installer is the one whose sum is above; the compiler is that of rust-toolchain.toml.
RUN curl -fsSLO "https://static.rust-lang.org/rustup/archive/${RUSTUP_VERSION}/x86_64-unknown-linux-gnu/rustup-init" \
    && echo "${RUSTUP_SHA256}  rustup-init" | sha256sum --check \
    && chmod +x rustup-init && ./rustup-init -y --no-modify-path --default-toolchain none && rm rustup-init
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/opt/cargo/registry --mount=type=cache,target=/source/target \
    ASSAY_REVISION="$ASSAY_REVISION" cargo build --release --locked -p batch-runner -p simulated-engine --bins \
    && install -D -t /out target/release/batch-runner target/release/simulated-engine

# Our programs, a user of its own, and one folder that it may write. llama.cpp has its server in /app.
# checkov:skip=CKV_DOCKER_7: engines.txt pins it
FROM ${ENGINE_IMAGE}
USER root
RUN groupadd --gid 10001 runner && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /work runner \
    && install -d -o runner -g runner /work
COPY --from=build /out/batch-runner /out/simulated-engine /usr/local/bin/
USER 10001:10001
WORKDIR /work
ENV HOME=/work TMPDIR=/work XDG_CACHE_HOME=/work/cache ASSAY_WEIGHTS=/work/weights PATH=/app:$PATH
HEALTHCHECK NONE
ENTRYPOINT ["batch-runner"]
