FROM nginx
RUN --mount=from=redis,target=/r <<EOF
FROM busybox
