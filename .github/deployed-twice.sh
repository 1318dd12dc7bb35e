#!/usr/bin/env bash
# Warns where Cloudflare's Workers Builds deploys the same commit: its GitHub app leaves a check run there. Never fails, since nothing
# is wrong with a deployment of which this cannot be told.
# usage: deployed-twice.sh <owner/repository> <commit>; the token is in GH_TOKEN
set -euo pipefail
apps=$(timeout 30 gh api "repos/$1/commits/$2/check-runs?per_page=100" --jq '.check_runs[].app.slug') || {
  echo "GitHub did not say which apps checked this commit, so it is not known whether Cloudflare deploys it too."
  exit 0
}
if grep -qx 'cloudflare-workers-and-pages' <<< "$apps"; then
  echo "::warning::This repository is deployed twice: by Cloudflare's Workers Builds and by this workflow. Turn one of them off: your Worker → Settings → Builds → Disconnect, or delete the repository's variable CLOUDFLARE_ACCOUNT_ID (docs/deploy.md, Deployed twice)."
fi
