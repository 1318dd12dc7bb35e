# escape=`
# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS tools
SHELL ["powershell", "-Command"]
RUN Copy-Item C:\tools\ `
    C:\app\
COPY --from=golang:1.23-windowsservercore `
    C:\go C:\go
FROM `
  # the smaller one
  mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=tools C:\app C:\app\
FROM golang:1.23
