// Media types: reading them, and telling pages and JSON from the rest.

/** `type/subtype` of a Content-Type in lower case, without parameters; empty where there is none. */
export function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** True of pages for people: an error page, a captive portal, a "just a moment". */
export function isHtml(contentType: string | null): boolean {
  return (contentType ?? "").split(",").some((each) => {
    const type = mediaTypeOf(each);
    return type === "text/html" || type === "application/xhtml+xml";
  });
}

/** True of `application/json` and of every `…+json`. */
export function isJson(contentType: string | null): boolean {
  const type = mediaTypeOf(contentType);
  return type === "application/json" || type === "text/json" || type.endsWith("+json");
}
