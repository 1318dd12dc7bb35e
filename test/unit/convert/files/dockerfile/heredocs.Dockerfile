# syntax=docker/dockerfile:1
FROM debian:12
RUN <<EOF
apt-get update
FROM nginx
EOF
RUN <<-"EOF" cat > /etc/note
	FROM nginx:1
	EOF
COPY --from=busybox /a /b
COPY <<one.txt <<'two.txt' /etc/
FROM redis
COPY --from=redis /a /b
one.txt
RUN --mount=from=redis true
two.txt
RUN python3 <<EOF && echo done
print("FROM python")
 EOF
EOF
RUN cat<<EOF
RUN echo "<<EOF" '<<EOF' \<<EOF 1<<<EOF
RUN 3<<EOF bash
FROM busybox
EOF
FROM alpine
