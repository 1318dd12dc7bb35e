// The brake: the platform's rate limiter counts what costs a registry's quota, and logins; never what is stored, and never a
// blob.
import { describe, expect, it, vi } from "vitest";
import { basic, type Ferry } from "../ferry.ts";
import { ALICE, HOST, openClosed, USERS, type Closed } from "./closed.ts";

const NOBODY = { Authorization: "Bearer ferry.anonymous" };
const FROM = (address: string): Record<string, string> => ({ ...NOBODY, "CF-Connecting-IP": address });

/** A limiter that lets so many through for each key. */
function limiter(most = Infinity): { binding: unknown; keys: string[] } {
  const keys: string[] = [];
  const limit = ({ key }: { key: string }): Promise<{ success: boolean }> => {
    keys.push(key);
    return Promise.resolve({ success: keys.filter((one) => one === key).length <= most });
  };
  return { keys, binding: { limit } };
}

async function open(
  most = Infinity,
  variables: Record<string, unknown> = {},
): Promise<Closed & { keys: string[] }> {
  const { binding, keys } = limiter(most);
  return { ...(await openClosed({ RATE_LIMITER: binding, ...variables })), keys };
}

async function status(
  ferry: Ferry,
  path: string,
  headers: Record<string, string> = FROM("192.0.2.1"),
  method = "GET",
): Promise<number> {
  const response = await ferry.fetch(`http://${HOST}/v2/${path}`, { headers, method });
  await response.arrayBuffer();
  return response.status;
}

describe("the brake", () => {
  it("counts a manifest once, by tag or digest, and not when it is stored", async () => {
    const { ferry, image, keys } = await open();
    expect(await status(ferry, "library/app/manifests/latest")).toBe(200);
    expect(keys).toEqual(["network 4/c0000201"]);
    for (let count = 0; count < 3; count += 1) {
      await status(ferry, "library/app/manifests/latest");
      await status(ferry, `library/app/manifests/${image.digest}`);
      await status(ferry, "library/app/manifests/latest", FROM("192.0.2.1"), "HEAD");
    }
    expect(keys).toHaveLength(1);
  });

  it("counts no blob, no list, no ping, no page and no token of nobody's", async () => {
    const { ferry, image, keys } = await open();
    const layer = image.manifests[0]?.layers[0]?.digest ?? "";
    for (const path of [
      "",
      `library/app/blobs/${layer}`,
      "library/app/tags/list",
      `library/app/referrers/${image.digest}`,
    ])
      expect(await status(ferry, path), path).toBe(200);
    for (const path of ["", "v2/auth"])
      expect((await ferry.fetch(`http://${HOST}/${path}`)).status).toBe(200);
    expect(keys).toEqual([]);
  });

  it("counts the client lane's manifests, and tokens with a login", async () => {
    const { ferry, keys } = await open();
    await status(ferry, "library/app/manifests/latest", { Authorization: "Bearer of-a-client" });
    expect(keys).toEqual(["network none"]);
    await status(ferry, "auth", { Authorization: basic("owner", "owners-password") });
    expect(keys).toHaveLength(2);
    await status(ferry, "auth", { Authorization: basic("owner", "wrong") });
    expect(keys).toHaveLength(3);
  });

  it("counts a login that a registry itself finds wrong, and a manifest that it was for only once", async () => {
    const { ferry, keys, registry } = await open();
    await registry.configure({ auth: "basic" });
    const wrong = { Authorization: basic("owner", "wrong") };
    expect(await status(ferry, "", wrong)).toBe(401);
    expect(keys).toHaveLength(1);
    expect(await status(ferry, "library/app/manifests/latest", wrong)).toBe(401);
    expect(keys).toHaveLength(2);
    expect(await status(ferry, "", { Authorization: basic("owner", "owners-password") })).toBe(200);
    expect(keys).toHaveLength(2);
  });

  it("counts logins to a closed proxy, right or wrong, by network; and manifests by user", async () => {
    const { ferry, keys } = await open(Infinity, { ACCESS_USERS: USERS });
    const right = { Authorization: basic(ALICE.user, ALICE.password) };
    await status(ferry, "auth", right);
    await status(ferry, "", { Authorization: basic(ALICE.user, "wrong") });
    await status(ferry, "library/app/manifests/latest", right);
    expect(keys).toEqual(["network none", "network none", `user ${ALICE.user}`]);
  });

  it("says 429 with Retry-After, and nothing goes upstream", async () => {
    const { ferry, registry } = await open(1);
    expect(await status(ferry, "library/app/manifests/latest")).toBe(200);
    const before = (await registry.state()).counters.manifestGet;
    const response = await ferry.fetch(`http://${HOST}/v2/library/none/manifests/sha256:${"0".repeat(64)}`, {
      headers: FROM("192.0.2.1"),
    });
    expect([response.status, response.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect(await response.text()).toContain("TOOMANYREQUESTS");
    expect((await registry.state()).counters.manifestGet).toBe(before);
    // What is stored is served all the same, and others are not in it.
    expect(await status(ferry, "library/app/manifests/latest")).toBe(200);
    expect(await status(ferry, `library/none/manifests/sha256:${"0".repeat(64)}`, FROM("192.0.2.2"))).toBe(
      404,
    );
  });

  it("counts an IPv6 caller as a /64, and the /48 eight times that", async () => {
    const { ferry, keys } = await open(2);
    const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
    const ask = (address: string, digit: string): Promise<number> =>
      status(ferry, `library/app/manifests/sha256:${digit.repeat(64)}`, FROM(address));
    expect(await ask("2001:db8:1:1::1", "1")).toBe(404);
    expect(await ask("2001:db8:1:1:ffff::1", "2")).toBe(404);
    expect(await ask("2001:db8:1:1::2", "3")).toBe(429);
    expect(await ask("2001:db8:1:2::1", "4")).toBe(429);
    random.mockReturnValue(0.99);
    expect(await ask("2001:db8:1:3::1", "5")).toBe(404);
    expect(await ask("2001:db8:2:1::1", "6")).toBe(404);
    expect(new Set(keys).size).toBe(7);
    random.mockRestore();
  });

  it("that fails holds nobody", async () => {
    const { ferry } = await openClosed({ RATE_LIMITER: { limit: () => Promise.reject(new Error("down")) } });
    expect(await status(ferry, "library/app/manifests/latest")).toBe(200);
  });

  it("that is something else is a fault", async () => {
    const { ferry } = await openClosed({ RATE_LIMITER: { get: () => undefined } });
    expect(await status(ferry, "")).toBe(500);
  });
});
