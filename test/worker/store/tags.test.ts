// How a tag is resolved: by HEAD where that says enough, by GET where it does not, per class of Accept.
import { describe, expect, it } from "vitest";
import {
  answerWith,
  DOCKER_IMAGE,
  documentOf,
  firstOf,
  imageDocument,
  isKept,
  MINUTE,
  notFound,
  OCI_IMAGE,
  OCI_INDEX,
  passTime,
  Played,
  SECOND,
  Stage,
  type Document,
} from "./stage.ts";
import type { Outgoing } from "../internet.ts";

const TAG = "team/app/manifests/latest";

function reference({ url }: Outgoing): string {
  return url.pathname.split("/").at(-1) ?? "";
}

describe("a tag that moves between HEAD and GET", () => {
  it("a client that asked HEAD gets by digest what HEAD named, and later the new one", async () => {
    const [old, next] = [await imageDocument("old"), await imageDocument("next")];
    const known = [old, next];
    let tagged = old;
    const played = new Played((request) => {
      const document =
        reference(request) === "latest" ? tagged : known.find(({ digest }) => digest === reference(request));
      return document === undefined ? notFound() : answerWith(document, request);
    });
    expect((await played.get(TAG, {}, "HEAD")).headers.get("Docker-Content-Digest")).toBe(old.digest);
    tagged = next;
    expect((await played.get(`team/app/manifests/${old.digest}`)).body).toBe(old.body);
    expect((await played.get(TAG)).body, "within the tag's lifetime").toBe(old.body);
    passTime(61 * SECOND);
    expect((await played.get(TAG)).body).toBe(next.body);
    expect((await played.get(TAG, {}, "HEAD")).headers.get("Docker-Content-Digest")).toBe(next.digest);
  });

  it("a registry that drops the old one at once: GET by tag", async () => {
    const [old, next] = [await imageDocument("old"), await imageDocument("next")];
    const played = new Played((request) => {
      if (request.method === "HEAD") return answerWith(old, request);
      return reference(request) === "latest" ? answerWith(next, request) : notFound();
    });
    const { status, body, headers } = await played.get(TAG);
    expect([status, body, headers.get("Docker-Content-Digest")]).toEqual([200, next.body, next.digest]);
    expect(await isKept(await played.keyUrl("manifest", next.digest))).toBe(true);
    expect(await isKept(await played.keyUrl("manifest", old.digest))).toBe(false);
  });
});

describe("a HEAD that says too little", () => {
  const without =
    (name: string) =>
    (document: Document, request: Outgoing): Response => {
      const response = answerWith(document, request);
      if (request.method === "HEAD") response.headers.delete(name);
      return response;
    };
  const head =
    (status: number) =>
    (document: Document, request: Outgoing): Response =>
      request.method === "HEAD" ? new Response(null, { status }) : answerWith(document, request);

  it.each<[string, (document: Document, request: Outgoing) => Response]>([
    ["without a digest", without("Docker-Content-Digest")],
    ["without a length", without("Content-Length")],
    ["without a type", without("Content-Type")],
    [
      "with a digest that is none",
      (document, request) => answerWith(document, request, { "Docker-Content-Digest": "latest" }),
    ],
    ["405", head(405)],
    ["400", head(400)],
    ["501 is trouble, so not this one; 406", head(406)],
  ])("%s: GET by tag, hashed and stored by its digest", async (_, answer) => {
    const document = await imageDocument("little");
    const played = new Played((request) => answer(document, request));
    const first = await played.get(TAG);
    expect([first.status, first.body]).toEqual([200, document.body]);
    expect(await isKept(await played.keyUrl("manifest", document.digest))).toBe(true);
    expect(await isKept(await played.keyUrl("tag", "latest"))).toBe(false);
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("hit");
    expect((await played.get(TAG, {}, "HEAD")).headers.get("Docker-Content-Digest")).not.toBe("latest");
  });

  it("naming a digest of an unknown algorithm: passed, and nothing stored", async () => {
    const document = { ...(await imageDocument("odd")), digest: "blake3:00ff" };
    const played = new Played((request) => answerWith(document, request));
    const { body, headers } = await played.get(TAG);
    expect([body, headers.get("X-Cache")]).toEqual([document.body, "bypass"]);
    expect(await isKept(await played.keyUrl("tag", "latest"))).toBe(false);
    expect(await isKept(await played.keyUrl("manifest", document.digest))).toBe(false);
  });
});

describe("sha512 images", () => {
  it("are verified with their own algorithm, stored and served", async () => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({
      repository: "library/long",
      algorithm: "sha512",
      layers: [2000],
    });
    expect(image.digest).toMatch(/^sha512:/);
    await stage.pull(image);
    await stage.registry.reset();
    expect(new Set(await stage.pull(image))).toEqual(new Set(["hit"]));
    expect((await stage.registry.state()).counters.registry).toBe(0);
    const { headers } = await stage.head("library/long/manifests/latest");
    expect(headers.get("Docker-Content-Digest")).toBe(image.digest);
  });

  it("a wrong sha512 is not stored", async () => {
    const document = await imageDocument("right");
    const wrong = { ...document, digest: `sha512:${"a".repeat(128)}` };
    const played = new Played((request) => answerWith(wrong, request));
    await played.get(`team/app/manifests/${wrong.digest}`);
    expect(await isKept(await played.keyUrl("manifest", wrong.digest))).toBe(false);
  });
});

describe("a registry that converts by Accept", () => {
  async function converting(): Promise<{ played: Played; oci: Document; docker: Document }> {
    const oci = await documentOf('{"schemaVersion":2,"manifests":[]}', OCI_INDEX);
    const docker = await imageDocument("converted", DOCKER_IMAGE);
    const played = new Played((request) => {
      if (reference(request) !== "latest") {
        const document = [oci, docker].find(({ digest }) => digest === reference(request));
        return document === undefined ? notFound() : answerWith(document, request);
      }
      return answerWith((request.headers.get("Accept") ?? "").includes(OCI_INDEX) ? oci : docker, request);
    });
    return { played, oci, docker };
  }

  it.each(["oci first", "docker first"])("each class of clients gets its own, %s", async (order) => {
    const { played, oci, docker } = await converting();
    const clients = [
      [`${OCI_INDEX}, ${OCI_IMAGE}`, oci],
      [DOCKER_IMAGE, docker],
    ] as const;
    for (const round of [1, 2]) {
      for (const [accept, document] of order === "oci first" ? clients : [...clients].reverse()) {
        for (const method of ["HEAD", "GET"]) {
          const { headers } = await played.get(TAG, { Accept: accept }, method);
          expect(headers.get("Docker-Content-Digest"), `round ${round}`).toBe(document.digest);
          expect(headers.get("Content-Type")).toBe(document.mediaType);
        }
      }
    }
    expect(played.count("HEAD", "latest"), "each class remembered once").toBe(2);
  });

  it("the same types in another order are the same class, and travel in ours", async () => {
    const { played } = await converting();
    await played.get(TAG, { Accept: `${OCI_INDEX}, ${DOCKER_IMAGE}` });
    await played.get(TAG, { Accept: `${DOCKER_IMAGE},${OCI_INDEX}` });
    expect(played.asked("HEAD", "latest").map(({ headers }) => headers.get("Accept"))).toEqual([
      `${OCI_INDEX}, ${DOCKER_IMAGE}`,
    ]);
  });

  it("F9: a header with weights passes as it came, and its answer says nothing to other clients", async () => {
    const { played } = await converting();
    await played.get(TAG, { Accept: `${OCI_INDEX}, ${DOCKER_IMAGE}` });
    const weighted = `${DOCKER_IMAGE};q=0.5,${OCI_INDEX};q=0.9`;
    await played.get(TAG, { Accept: weighted }, "HEAD");
    expect(played.asked("HEAD", "latest").at(-1)?.headers.get("Accept")).toBe(weighted);
    await played.get(TAG, { Accept: `${OCI_INDEX}, ${DOCKER_IMAGE}` });
    expect(played.count("HEAD", "latest")).toBe(2);
  });

  it("an unknown type passes, and is asked each time", async () => {
    const { played, docker } = await converting();
    for (const count of [1, 2]) {
      const { headers } = await played.get(TAG, { Accept: "application/vnd.example.v9+json" }, "HEAD");
      expect(headers.get("Docker-Content-Digest")).toBe(docker.digest);
      expect(played.asked("HEAD", "latest").at(-1)?.headers.get("Accept")).toBe(
        "application/vnd.example.v9+json",
      );
      expect(played.count("HEAD", "latest")).toBe(count);
    }
  });
});

describe("TAG_TTL", () => {
  it.each([
    ["default", {}, 59 * SECOND, 61 * SECOND],
    ["5 minutes", { TAG_TTL: 300 }, 299 * SECOND, 301 * SECOND],
  ] as const)("%s: so long a tag is not asked again", async (_, variables, within, after) => {
    const stage = await Stage.open({}, {}, variables);
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [] });
    passTime(0);
    const start = Date.now();
    await stage.pull(image);
    await stage.registry.reset();
    passTime(start + within - Date.now());
    await stage.pull(image);
    expect((await stage.registry.state()).counters.manifestHead).toBe(0);
    passTime(start + after - Date.now());
    await stage.pull(image);
    expect((await stage.registry.state()).counters.manifestHead).toBe(1);
  });

  it("beyond 5 minutes a tag is asked in spite of it: the proof has ended", async () => {
    const stage = await Stage.open({}, {}, { TAG_TTL: 3600 });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [] });
    await stage.pull(image);
    await stage.registry.setPrivate(["library/app"]);
    passTime(6 * MINUTE);
    expect((await stage.get("library/app/manifests/latest")).status).toBe(401);
    expect((await stage.get(`library/app/manifests/${firstOf(image).digest}`)).status).toBe(401);
  });
});
