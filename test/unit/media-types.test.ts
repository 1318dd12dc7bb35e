// Media types: which answers are for people, and which are JSON.
import { describe, expect, it } from "vitest";
import {
  isHtml,
  isJson,
  isManifestType,
  manifestKindOf,
  mediaTypeOf,
} from "../../src/distribution/media-types.ts";

describe("the media type", () => {
  it.each<[string | null, string]>([
    [null, ""],
    ["", ""],
    [";", ""],
    ["text/html", "text/html"],
    ["Text/HTML; charset=UTF-8", "text/html"],
    [" application/json ;x", "application/json"],
  ])("of %j is %j", (contentType, expected) => {
    expect(mediaTypeOf(contentType)).toBe(expected);
  });
});

describe("S11: the type of a manifest that may be stored", () => {
  it.each([
    ["application/vnd.oci.image.index.v1+json", "index"],
    ["application/vnd.docker.distribution.manifest.list.v2+json; charset=utf-8", "index"],
    ["Application/vnd.OCI.image.manifest.v1+json", "image"],
    [" application/vnd.docker.distribution.manifest.v2+json", "image"],
  ])("is %j", (contentType, kind) => {
    expect(manifestKindOf(contentType)).toBe(kind);
    expect(isManifestType(contentType)).toBe(true);
  });

  it.each([
    null,
    "",
    "constructor",
    "application/json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.manifest.v1+json",
  ])("is not %j", (contentType) => {
    expect(manifestKindOf(contentType)).toBeUndefined();
    expect(isManifestType(contentType)).toBe(false);
  });
});

describe("HTML", () => {
  it.each(["text/html", "TEXT/HTML", "text/html;charset=utf-8", " text/html ; x=y", "application/xhtml+xml"])(
    "is %j",
    (contentType) => {
      expect(isHtml(contentType)).toBe(true);
    },
  );

  it.each(["text/html, text/html", "application/json, text/html", "text/html; charset=utf-8, text/html"])(
    "is %j too: repeated headers arrive joined, and a browser takes the last",
    (contentType) => {
      expect(isHtml(contentType)).toBe(true);
    },
  );

  it.each([
    null,
    "",
    "text/plain",
    "application/json",
    "application/octet-stream",
    "text/htmlx",
    "application/json; profile=text/html",
    "application/vnd.oci.image.manifest.v1+json",
  ])("is not %j", (contentType) => {
    expect(isHtml(contentType)).toBe(false);
  });
});

describe("JSON", () => {
  it.each([
    "application/json",
    "Application/JSON; charset=utf-8",
    "text/json",
    "application/problem+json",
    "application/vnd.docker.distribution.manifest.v2+json",
  ])("is %j", (contentType) => {
    expect(isJson(contentType)).toBe(true);
  });

  it.each([null, "", "text/plain", "application/xml", "application/jsonp", "json", "application/x+jsonl"])(
    "is not %j",
    (contentType) => {
      expect(isJson(contentType)).toBe(false);
    },
  );
});
