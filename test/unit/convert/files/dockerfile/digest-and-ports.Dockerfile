FROM nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
FROM nginx:1.27@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
FROM nginx@sha256:${DIGEST}
FROM registry.example.org:5000/a/b
FROM docker.io:443/a/b
FROM [::1]:5000/a/b
FROM nginx@sha256:0123
