ARG A="ngi"nx
ARG B=ngi\nx
ARG C='$A'
ARG D="not closed
ARG E=nginx F
ARG G=red\
is
ARG H=quay.io/acme/app
FROM $A
FROM $B
FROM $C
FROM $D
FROM $E
FROM $G
FROM $H
FROM "nginx:1"
FROM 'nginx:1'
FROM ngi"nx"
