# The image of one kvs instance, main or forwarder: the environment says which.
#   docker build -t kvs .
#   docker run -p 49160:8080 -e IP=0.0.0.0 -e PORT=8080 kvs

# By tag: no registry could be reached to look digests up. A build that must be repeatable gives them:
#   docker build --build-arg BASE=debian:bookworm-slim@sha256:… -t kvs .
ARG BUILDER=swift:6.3-bookworm
ARG BASE=debian:bookworm-slim

FROM ${BUILDER} AS build
# No versions: a rebuild is how the security archive's updates get in.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libevent-dev libxxhash-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
# The manifest names the test targets, so their folders must be there, empty: no edit of a test
# makes the server build again.
RUN for folder in $(sed -nE 's|.*name: "([A-Za-z]+Tests)".*|Tests/\1|p; s|.*path: "(Tests/[^"]+)".*|\1|p' \
        Package.swift); do \
        mkdir -p "$folder" && touch "$folder/none.swift" || exit; \
    done
# The Swift runtime goes into the program; -s strips it.
RUN --mount=type=cache,target=/src/.build,sharing=locked \
    swift build -c release --static-swift-stdlib --product kvs -Xlinker -s \
    && install -D "$(swift build -c release --static-swift-stdlib --product kvs -Xlinker -s --show-bin-path)/kvs" /out/kvs

FROM ${BASE}
# From bookworm-security, which the base image has among its sources.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libevent-2.1-7 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/kvs /usr/local/bin/kvs
# A library that is missing ends the build here, not the server later.
RUN kvs --help >/dev/null

# By number, so that Kubernetes can tell that it is not root. kvs needs no home and writes no file.
USER 10001:10001
ENV IP=0.0.0.0 PORT=8080
EXPOSE 8080
# Is this instance well? A forwarder is, whether its main is there or not. It finds where the server
# listens by itself, whatever the environment and the options say.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["kvs", "health"]
ENTRYPOINT ["kvs"]

# Who builds it knows the revision: --label org.opencontainers.image.revision="$(git rev-parse HEAD)"
LABEL org.opencontainers.image.title="kvs" \
      org.opencontainers.image.description="An in-memory key-value store over HTTP: a main, or a forwarder to one" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
