// What keeps private content out of the store is a type: these lines must not compile.
import { expect, it } from "vitest";
import { CacheStore } from "../../../src/store/cache.ts";
import type { Digest, RepositoryName } from "../../../src/distribution/reference.ts";
import type { Entry } from "../../../src/store/entry.ts";
import { PublicResponse } from "../../../src/upstream/anonymous.ts";

const digest = `sha256:${"0".repeat(64)}` as Digest;
const repository = "team/app" as RepositoryName;
const upstream = "https://registry.example.com";
const entry: Entry = { kind: "blob", upstream, repository, digest };
const bytes = new Uint8Array(1);

it("the store takes content only with an answer to an anonymous request", () => {
  const store = new CacheStore(() => undefined);
  const wrong = [
    // @ts-expect-error a client's response is no proof of being public
    (): Promise<void> => store.writeContent(entry, {}, bytes, 1, new Response()),
    // @ts-expect-error nor is one that looks like it
    (): Promise<void> => store.writeContent(entry, {}, bytes, 1, { response: new Response(), askedAt: 0 }),
    // @ts-expect-error content does not go where records go
    (): Promise<void> => store.writeRecord(entry, bytes, 1),
  ];
  expect(wrong).toHaveLength(3);
});

it("S10: upstream and repository cannot be swapped", () => {
  const swapped: Entry[] = [
    // @ts-expect-error an upstream is not a repository's name
    { kind: "proof", upstream: repository, repository: upstream },
    // @ts-expect-error nor is a tag a digest
    { kind: "blob", upstream, repository, tag: "latest" },
  ];
  expect(swapped).toHaveLength(2);
});

it("nobody but the anonymous fetch makes such an answer", () => {
  const make = (): unknown => {
    // @ts-expect-error the constructor is private
    return new PublicResponse({}, 0, "GET");
  };
  expect(make).toBeTypeOf("function");
});
