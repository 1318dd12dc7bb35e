FROM nginx AS web
SELECT a
FROM redis
