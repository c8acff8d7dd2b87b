# syntax=docker/dockerfile:1
# `assay` with the page, for a cluster: `assay up`, the stages of a campaign (`assay stage`) and `assay db migrate`. Runners and
# engines are images of their own.
FROM node:22-bookworm-slim AS page
WORKDIR /source/ui
COPY ui/package.json ui/package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY ui .
RUN npm run build

FROM rust:1.95-bookworm AS build
ARG ASSAY_REVISION
WORKDIR /source
COPY . .
COPY --from=page /source/ui/dist ui/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    ASSAY_REVISION="$ASSAY_REVISION" cargo build --release --locked -p cli --bin assay \
    && install -D -t /out target/release/assay

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 assay && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data assay \
    && install -d -o assay -g assay /data
COPY --from=build /out/assay /usr/local/bin/
USER 10001:10001
WORKDIR /data
ENV ASSAY_DATA=/data
EXPOSE 8700
HEALTHCHECK NONE
ENTRYPOINT ["assay"]
CMD ["up"]
