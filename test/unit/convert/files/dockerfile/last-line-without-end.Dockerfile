FROM redis
COPY --from=nginx /a /b