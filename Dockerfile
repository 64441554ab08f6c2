# An image with the program, the certificate authorities that it trusts, and nothing
# else: no shell, no package manager. docs/containers.md says how to run it.
#
#   docker build --build-arg VERSION=v1.2.3 -t wassist-sync .
#
# The tag names a Go release, and go.sum the modules. There is no digest on purpose:
# of the base, only the certificate authorities reach the image, and a base that is
# rebuilt brings the current ones.
ARG GO_VERSION=1.26.8
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
# timetzdata puts the time zones into the program: the image has no files for them.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -tags timetzdata -ldflags "-s -w -X main.linked=$VERSION" \
    -o /image/wassist-sync ./cmd/wassist-sync
# /cache is the one folder that is written to, by --repo alone. On a read-only file
# system something is mounted there, and a tmpfs takes over the folder's mode.
RUN mkdir -p /image/etc/ssl/certs && mkdir -m 1777 /image/cache && \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ && \
    echo "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin" >/image/etc/passwd

FROM scratch
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="wassist-sync" \
      org.opencontainers.image.description="Keep Wassist agents in line with YAML definitions in Git" \
      org.opencontainers.image.source="https://github.com/wassist-sync/wassist-sync" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /image/ /
ENV WASSIST_SYNC_GIT_CACHE=/cache
# Where a checkout is mounted.
WORKDIR /repo
USER 65532:65532
# Of use to serve alone: every other command ends before anybody asks.
HEALTHCHECK --interval=60s --timeout=10s --start-period=5m CMD ["/wassist-sync", "serve", "--check"]
ENTRYPOINT ["/wassist-sync"]
