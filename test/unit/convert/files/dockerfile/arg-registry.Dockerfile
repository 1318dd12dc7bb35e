ARG REGISTRY=ghcr.io
ARG HUB=docker.io/
ARG NONE=
ARG OWNER=acme
ARG TAG=1.27
FROM ${REGISTRY}/acme/a AS a
FROM ${REGISTRY}/${OWNER}/b:${TAG} AS b
FROM ${HUB}library/nginx:$TAG
FROM ${NONE}redis:7
FROM ${REGISTRY}/acme/c@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
COPY --from=a /a /b
FROM ${NONE-busybox}redis:7
FROM ${NONE:-busybox}
