// One data point for each request, with the columns that docs/metrics.md has, and nothing that a log may not have (S21).
import { describe, expect, it } from "vitest";
import { basic, row, startRegistry } from "../ferry.ts";
import { ALICE, HOST, KEY, openClosed, USERS } from "./closed.ts";

interface Point {
  readonly indexes: readonly string[];
  readonly blobs: readonly string[];
  readonly doubles: readonly number[];
}

function dataset(): { binding: unknown; points: Point[] } {
  const points: Point[] = [];
  return { points, binding: { writeDataPoint: (point: Point) => points.push(point) } };
}

describe("S21: data points", () => {
  it("say what was pulled, by whom, and from where it was had", async () => {
    const { binding, points } = dataset();
    const { ferry } = await openClosed({ METRICS: binding, ACCESS_USERS: USERS });
    const headers = { Authorization: basic(ALICE.user, ALICE.password) };
    for (let count = 0; count < 2; count += 1)
      await (await ferry.fetch(`http://${HOST}/v2/library/app/manifests/latest`, { headers })).arrayBuffer();
    expect(points.map(({ indexes }) => indexes)).toEqual([["docker.io"], ["docker.io"]]);
    const [cold, warm] = points.map(({ blobs }) => blobs);
    expect(cold).toEqual([HOST, "GET", "manifest", "library/app", "alice", "public", "miss", "", "200"]);
    expect(warm?.[6]).toBe("hit");
    expect(points[0]?.doubles).toHaveLength(4);
    expect(points[0]?.doubles[0]).toBeGreaterThan(100);
    expect(points[0]?.doubles[3]).toBeGreaterThan(0);
    expect(points[1]?.doubles[3]).toBe(0);
  });

  it("have no query, address, password, repository of a client's, and no label of a key", async () => {
    const { binding, points } = dataset();
    const registry = await startRegistry();
    const { ferry } = await openClosed(
      { METRICS: binding },
      { [KEY]: { upstream: "*", key: true }, other: row(registry) },
    );
    const secrets = {
      Authorization: basic("canary-user", "canary-password"),
      "CF-Connecting-IP": "198.51.100.77",
    };
    for (const host of [HOST, `${KEY}.example.com`, "unknown.example.com"])
      await ferry.fetch(`http://${host}/v2/canary/repository/manifests/latest?canary=1`, {
        headers: secrets,
      });
    ferry.env = { ...ferry.env, ROUTES: { docker: row(registry) } };
    await ferry.fetch(`http://${HOST}/v2/canary/repository/manifests/latest?canary=1`, { headers: secrets });
    expect(points).toHaveLength(4);
    expect(JSON.stringify(points.filter((_, index) => index !== 1))).not.toMatch(/canary|198\.51/);
    expect(JSON.stringify(points)).not.toContain(KEY);
    expect(points[1]?.blobs[0]).toMatch(/^row \d$/);
  });

  it("that cannot be written are no client's trouble", async () => {
    const broken = {
      writeDataPoint: () => {
        throw new Error("full");
      },
    };
    const { ferry } = await openClosed({ METRICS: broken });
    expect((await ferry.fetch(`http://${HOST}/v2/`)).status).toBe(401);
  });
});
