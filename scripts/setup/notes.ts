// What is the same for every domain.

/** What Cloudflare asks of a custom domain. */
export const DNS = [
  "The domain must be an active zone of the same Cloudflare account. Cloudflare makes each host's DNS record and certificate,",
  "which takes some minutes; a CNAME record that has a host's name already must be removed first.",
  "`routes` in wrangler.toml replaces hosts that were added in the dashboard.",
];
