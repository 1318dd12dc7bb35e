// S9: a blob that the registry gave is a proof of that blob alone.
import { describe, expect, it } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import { digestOf } from "../client-ferry.ts";
import { answerWith, isKept, MINUTE, passTime, Played, SECOND, type Document } from "./stage.ts";
import { outage, refusal, Warm } from "./warm.ts";

const MIRROR = "https://mirror.example";

/** A repository of which nothing but a blob was asked for. */
async function onlyBlob(): Promise<{ played: Played; blob: Document; path: string }> {
  const body = "a blob by itself";
  const blob = {
    body,
    digest: await digestOf(body),
    mediaType: "application/octet-stream",
    size: body.length,
  };
  const played = new Played((request) => answerWith(blob, request), { mirrors: [MIRROR] });
  played.internet.host(MIRROR, (request) => answerWith(blob, request));
  const path = `team/app/blobs/${blob.digest}`;
  expect((await played.get(path)).headers.get("X-Cache")).toBe("miss");
  return { played, blob, path };
}

describe("S9: a blob's own proof", () => {
  it("serves it for five minutes without asking, and then the registry is asked", async () => {
    const { played, path } = await onlyBlob();
    passTime(0);
    passTime(4 * MINUTE + 50 * SECOND);
    expect((await played.get(path)).headers.get("X-Cache")).toBe("hit");
    expect(played.count("HEAD", "/blobs/")).toBe(0);
    passTime(10 * SECOND + MINUTE);
    expect((await played.get(path)).headers.get("X-Cache")).toBe("hit");
    expect(played.count("HEAD", "/blobs/")).toBe(1);
    passTime(4 * MINUTE);
    expect((await played.get(path)).headers.get("X-Cache"), "HEAD proved it again").toBe("hit");
    expect(played.count("HEAD", "/blobs/")).toBe(1);
    expect(played.count("GET", "/blobs/")).toBe(1);
  });

  it("is never stale, and opens no mirror", async () => {
    const { played, path } = await onlyBlob();
    passTime(6 * MINUTE);
    played.serve = outage;
    expect((await played.get(path)).status).toBe(503);
    expect(played.internet.to(MIRROR)).toEqual([]);
  });

  it("does not prove the repository", async () => {
    const { played, path } = await onlyBlob();
    await played.get(path, {}, "HEAD");
    expect(await isKept(await played.keyUrl("proof"))).toBe(false);
    forgetIsolate();
    const before = played.count("HEAD", "/blobs/");
    await played.get(path);
    expect(played.count("HEAD", "/blobs/"), "another isolate asks").toBe(before + 1);
  });

  it.each(["HEAD of another length", "a GET whose bytes do not fit", "a part"])(
    "%s is none",
    async (what) => {
      const { played, blob, path } = await onlyBlob();
      passTime(6 * MINUTE);
      const body = "other bytes";
      const other = { ...blob, body, size: body.length };
      played.serve = (request) =>
        what === "a part"
          ? new Response(request.method === "HEAD" ? null : "a", {
              status: 206,
              headers: { "Content-Length": "1" },
            })
          : answerWith(other, request, request.method === "HEAD" ? { "Content-Length": "7" } : {});
      await played.get(
        path,
        what === "a part" ? { Range: "bytes=0-0" } : {},
        what.startsWith("HEAD") ? "HEAD" : "GET",
      );
      const before = played.internet.to(played.origin).length;
      await played.get(path);
      expect(played.internet.to(played.origin).length, "asked again").toBeGreaterThan(before);
    },
  );

  it("is hidden by a denial of its repository, though it is younger than five minutes", async () => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    const path = `blobs/${warm.blob.digest}`;
    expect(await warm.source(path)).toBe("hit");
    warm.played.serve = refusal;
    for (const pause of [SECOND, 11 * SECOND]) {
      passTime(pause);
      expect(await warm.source("manifests/other")).toBe("401");
    }
    expect(await warm.source(path)).toBe("401");
  });

  it("ends with a 404 of the registry", async () => {
    const { played, blob, path } = await onlyBlob();
    passTime(6 * MINUTE);
    played.serve = () => Response.json({ errors: [] }, { status: 404 });
    expect((await played.get(path)).status).toBe(404);
    expect(await isKept(await played.keyUrl("blob", blob.digest))).toBe(false);
  });
});
