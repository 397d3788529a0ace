# One image with tikhaul, tikhaul-coordinator and tikhaul-worker. scripts/image builds it, with the names of version and commit.
ARG BASE=docker.io/library/debian:12-slim

FROM ${BASE} AS build
WORKDIR /src
COPY scripts/install-packages scripts/
RUN scripts/install-packages --build
COPY . .
ARG REVISION=""
RUN --mount=type=cache,target=/ccache export CCACHE_DIR=/ccache && \
    cmake --preset release -D TIKHAUL_REVISION="${REVISION}" && \
    ninja -C build/release tikhaul tikhaul-coordinator tikhaul-worker && \
    mkdir /programs && \
    strip --strip-debug -o /programs/tikhaul build/release/bin/tikhaul && \
    strip --strip-debug -o /programs/tikhaul-coordinator build/release/bin/tikhaul-coordinator && \
    strip --strip-debug -o /programs/tikhaul-worker build/release/bin/tikhaul-worker

FROM ${BASE}
COPY --from=build /src/scripts/install-packages /install-packages
RUN /install-packages --runtime && rm -rf /install-packages /var/lib/apt/lists/* /var/cache/apt/* /var/log/* && \
    echo 'tikhaul:x:10001:' >>/etc/group && \
    echo 'tikhaul:x:10001:10001::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
COPY --from=build /programs/ /usr/local/bin/
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="tikhaul" \
      org.opencontainers.image.description="TikTok Ads data into your own database" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
CMD ["tikhaul", "--help"]
