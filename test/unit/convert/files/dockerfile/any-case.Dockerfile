from nginx as Web
From --platform=linux/amd64 GHCR.IO/acme/app aS App
	copy --from=WEB /a /b
  Copy --from=aPP /a /b
run --mount=type=bind,from=Redis,source=/a true
run --mount=type=bind,FROM=redis,source=/a true
from web
FROM WEB
fRoM docker.io/library/httpd:2.4
