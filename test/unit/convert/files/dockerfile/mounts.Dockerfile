FROM alpine AS base
RUN --mount=type=bind,from=ghcr.io/acme/a:1,source=/a,target=/a --mount=from=redis:7,target=/r --network=none ls
RUN --mount=type=secret,id=key,from --mount=type=cache,target=/c --mount="type=bind,from=nginx,target=/n" ls
RUN --mount=type=bind,from="busybox",target=/b --mount=type=bind,"from=busybox",target=/b ls
RUN --mount=target=/b,from=base,rw --mount=from=quay.io/acme/b ls --mount=from=nginx
RUN \
  --mount=type=bind,from=python:3.13,target=/p \
  # another one
  --mount=type=bind,\
from=php:8,target=/h ls
RUN echo --mount=from=nginx
ADD --from=nginx /a /b
ADD --chown=1:1 https://example.com/nginx /x
