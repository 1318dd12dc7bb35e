FROM --platform=${TARGETPLATFORM:-linux/amd64} alpine:3.20 AS base
FROM ghcr.io/acme/tool:1.0-${TARGETARCH} AS tool
FROM ghcr.io/acme/${TARGETOS}-tool
FROM tonistiigi/xx:${TARGETVARIANT:-latest}
FROM ${TARGETARCH}/alpine
