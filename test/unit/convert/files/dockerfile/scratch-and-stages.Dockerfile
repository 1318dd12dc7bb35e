FROM scratch AS empty
FROM empty
COPY --from=later /a /b
COPY --from=0 /a /b
COPY --from=scratch /a /b
FROM nginx AS nginx
FROM nginx
COPY --from=nginx /a /b
FROM alpine AS later
COPY --from=1 /a /b
COPY --from=alpine /a /b
RUN --mount=from=empty,target=/e --mount=type=cache,from=later,target=/l true
