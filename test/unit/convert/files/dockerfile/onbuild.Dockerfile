FROM alpine AS base
ONBUILD COPY --from=golang:1.23 /usr/local/go /go
ONBUILD COPY --from=base /a /b
ONBUILD COPY --from=assets /a /b
onbuild run --mount=from=ghcr.io/acme/app,target=/a ls
ONBUILD RUN <<EOF
FROM nginx
EOF
ONBUILD ARG X=1
FROM redis
