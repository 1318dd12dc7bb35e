FROM \
  nginx:1.27 \
  AS web
FROM \

  # not this: FROM redis
# nor this \
ghcr.io/acme/app
RUN apt-get update && \
    # FROM inside of a continuation
    echo \
FROM nginx
COPY \   
  --chown=1:1 \
  --from=busybox \
  /a /b
RUN echo two backslashes \\
FROM ngi\
nx
FROM redis \
