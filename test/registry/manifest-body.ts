// Reads manifests: what they refer to, and whether they may be stored.
import { OciError } from "./errors.ts";
import type { Repository } from "./repositories.ts";
import type { Descriptor } from "./types.ts";

/** The fields that the registry looks at. Everything in them is unchecked. */
export interface ManifestBody {
  mediaType?: unknown;
  artifactType?: unknown;
  config?: Partial<Descriptor> | null;
  layers?: unknown;
  manifests?: unknown;
  subject?: Partial<Descriptor> | null;
  annotations?: unknown;
}

/** The body as JSON, or undefined if it is no object. */
export function parseManifest(body: Buffer): ManifestBody | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks a pushed manifest against its media type and against what the repository holds.
 * Answers its subject's digest. The subject may be missing, and layers with `urls` are elsewhere.
 */
export function checkManifest(body: Buffer, mediaType: string, repository: Repository): string | undefined {
  const manifest = parseManifest(body);
  if (manifest === undefined) throw new OciError("MANIFEST_INVALID", "manifest is not a JSON object");
  const plainType = mediaType.split(";")[0]?.trim() ?? "";
  if (plainType === "" || (manifest.mediaType !== undefined && manifest.mediaType !== plainType)) {
    throw new OciError("MANIFEST_INVALID", "media type of manifest and of request differ");
  }
  const blobs = [manifest.config ?? undefined, ...descriptors(manifest.layers)];
  for (const blob of blobs) {
    if (blob === undefined || "urls" in blob || repository.blobs.has(blob.digest ?? "")) continue;
    throw new OciError("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", {
      detail: { digest: blob.digest },
    });
  }
  for (const { digest } of descriptors(manifest.manifests)) {
    if (repository.manifests.has(digest ?? "")) continue;
    throw new OciError("MANIFEST_BLOB_UNKNOWN", "manifest unknown to registry", { detail: { digest } });
  }
  return manifest.subject?.digest;
}

function descriptors(list: unknown): Partial<Descriptor>[] {
  if (!Array.isArray(list)) return [];
  return list.filter((entry): entry is Partial<Descriptor> => typeof entry === "object" && entry !== null);
}
