# Syntax = ghcr.io/acme/frontend@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef --option
# check=skip=all
# escape=\
# a comment ends them
# syntax=docker/dockerfile:1
FROM nginx
