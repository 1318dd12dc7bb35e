// What every page of ours has around its words: the document, its style, and headers that let nothing run.

import { html, type Html } from "./html.ts";

/**
 * A page as a response.
 * @param title what stands in the browser's tab, behind the proxy's own name
 */
export function pageResponse(title: string, body: Html, status = 200): Response {
  return new Response(frame(title, body).text, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "X-Robots-Tag": "noindex",
    },
  });
}

function frame(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>Container registry proxy · ${title}</title>
        <style>
          :root {
            color-scheme: light dark;
          }
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 52rem;
            margin: 2rem auto;
            padding: 0 1rem;
          }
          pre {
            overflow-x: auto;
            padding: 0.75rem 1rem;
            border: 1px solid #8886;
            border-radius: 0.5rem;
          }
          h2 {
            margin-top: 2rem;
          }
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}
