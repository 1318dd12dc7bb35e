FROM nginx
RUN ["sh", "-c", "cat <<EOF"]
RUN [ "sh", "-c", " <<EOF "]
COPY --from=redis ["<<a", "/b"]
RUN ["not", json <<EOF ]
FROM redis
EOF
SHELL ["bash"]
CMD echo <<EOF
HEALTHCHECK CMD true <<EOF
FROM alpine
