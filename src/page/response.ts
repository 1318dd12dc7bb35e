// A page as an answer: in the visitor's language, and with headers that let nothing run but its own script.

import { SCRIPT, SMALL_SCRIPT, STYLE } from "./built.ts";
import { frame, type Page } from "./frame.ts";
import { remembering, type Choice } from "./language.ts";

/** Who asked for a page, as far as its frame goes. */
export interface Reader {
  readonly request: { readonly headers: Headers };
  readonly url: URL;
  readonly choice: Choice;
}

function policyFor(scriptHash: string): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE.hash}'`,
    `script-src 'sha256-${scriptHash}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/**
 * A page as a response, or 304 to who has it (RFC 9110, 13.1.2).
 *
 * It is made for a visitor and a language, so only their browser may keep it, and has to ask each time. Its ETag is of the bytes
 * given (S16). `no-transform`: what Cloudflare would put into it has no hash, and would not run.
 */
export async function pageResponse(page: Page, { request, url, choice }: Reader): Promise<Response> {
  const script = "offer" in page.data ? SCRIPT : SMALL_SCRIPT;
  const { text } = frame(page, choice.language, { script: script.text, style: STYLE.text });
  const bytes = new TextEncoder().encode(text);
  const tag = `"${await hashOf(bytes)}"`;
  const headers = new Headers({
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": choice.language.tag,
    "Cache-Control": "private, no-cache, no-transform",
    Vary: "Accept-Language, Cookie",
    ETag: tag,
    "Content-Security-Policy": policyFor(script.hash),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "X-XSS-Protection": "0",
  });
  // Browsers ignore it over plain http (development), and complain in the console.
  if (url.protocol === "https:") headers.set("Cross-Origin-Opener-Policy", "same-origin");
  if (choice.isNew) headers.set("Set-Cookie", remembering(choice.language, url));
  const { status = 200 } = page;
  if (status === 200 && knows(request.headers.get("If-None-Match"), tag)) {
    headers.delete("Content-Type");
    return new Response(null, { status: 304, headers });
  }
  return new Response(bytes, { status, headers });
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest.subarray(0, 18)));
}

/** True if a list of tags has ours. Weak ones count as well: something on the way may have compressed the page. */
function knows(header: string | null, tag: string): boolean {
  if (header === null || header.length > 1024) return false;
  return header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag || one.trim() === "*");
}
