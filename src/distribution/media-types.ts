// Media types: reading them, and telling manifests, pages and JSON from the rest.

/** What a manifest is: a list of manifests, or one image (an artifact is an image to the protocol). */
export type ManifestKind = "index" | "image";

/** The types of manifests that a stored document may have: of OCI, and of Docker's schema 2. Not schema 1 (S11). */
const MANIFESTS: ReadonlyMap<string, ManifestKind> = new Map([
  ["application/vnd.oci.image.index.v1+json", "index"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "index"],
  ["application/vnd.oci.image.manifest.v1+json", "image"],
  ["application/vnd.docker.distribution.manifest.v2+json", "image"],
]);

/** They as an `Accept` names them: lists first. */
export const MANIFEST_TYPES: readonly string[] = [...MANIFESTS.keys()];

/** `type/subtype` of a Content-Type in lower case, without parameters; empty where there is none. */
export function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Which manifest a Content-Type says; undefined for what is never stored as one. */
export function manifestKindOf(contentType: string | null): ManifestKind | undefined {
  return MANIFESTS.get(mediaTypeOf(contentType));
}

/** True of the four types of manifests that may be stored, whatever their case and parameters. */
export function isManifestType(contentType: string | null): boolean {
  return manifestKindOf(contentType) !== undefined;
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

/** What browsers run, draw with scripts in it, or take apart: HTML, XML, SVG, scripts, styles, PDF, parts. */
const ACTIVE =
  /html|xml|svg|xsl|javascript|ecmascript|jscript|livescript|vbscript|css|pdf|^multipart\/|^message\//;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/**
 * The type under which somebody's bytes are sent on, so that no browser acts on them (S19).
 * @param isPart true of a 206, whose parts are told by `multipart/byteranges`
 */
export function inertType(contentType: string | null, isPart: boolean): string {
  const type = mediaTypeOf(contentType);
  const isParts = isPart && type === "multipart/byteranges";
  const isInert =
    MEDIA_TYPE.test(type) && !(contentType ?? "").includes(",") && (isParts || !ACTIVE.test(type));
  return isInert && contentType !== null ? contentType : "application/octet-stream";
}
