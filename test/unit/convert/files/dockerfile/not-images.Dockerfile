FROM nginx AS
FROM nginx redis
FROM nginx FOR web
FROM https://ghcr.io/acme/app
FROM nginx:
FROM Nginx
FROM quay.io/acme/app:1
FROM localhost:5000/app
FROM mirror.example.com/ghcr.io/acme/app
FROM mirror.example.com/nginx
FROM
FROM nginx
