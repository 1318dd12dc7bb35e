ARG VARIANT=prod
ARG START=build
FROM golang:1.23 AS build
FROM alpine AS base-prod
FROM alpine AS base-dev
FROM base-${VARIANT} AS final
FROM ${START}
FROM ${START}-none
FROM base-${UNKNOWN}
COPY --from=base-${VARIANT} /a /b
COPY --from=${START:-busybox} /a /b
COPY --from=ghcr.io/acme/app:${VERSION} /a /b
