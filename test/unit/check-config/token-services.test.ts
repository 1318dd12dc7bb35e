// What `npm run check-config -- --online` says of what registries said.
import { describe, expect, it } from "vitest";
import { describeTokenService, type Said } from "../../../scripts/check/token-services.ts";

const FOREIGN = "https://auth.other.example/token";

describe("S4: check-config, which asks a registry, says", () => {
  it.each<[string, Said, string]>([
    [
      "where its token service is, without what else stands in the address",
      { kind: "bearer", realm: new URL("https://auth.example/token?account=x") },
      "harbor.example: its token service is https://auth.example/token",
    ],
    [
      "that it has none",
      { kind: "basic" },
      "harbor.example: it has no token service, and asks for Basic credentials itself",
    ],
    ["that it asks for nothing", { kind: "open" }, "harbor.example: it asks for no credentials at /v2/"],
    [
      "why it said nothing",
      { kind: "silent", why: "harbor.example did not answer in time." },
      "harbor.example: it could not be asked from here. harbor.example did not answer in time.",
    ],
    [
      "the line that would allow a foreign one, and when it may be added",
      { kind: "refused", host: "auth.other.example", allowable: FOREIGN },
      "harbor.example: it names a token service on auth.other.example that is not known to be its own, and nothing is sent there. " +
        `Only if the registry's own documentation names that address, add to its row: realm = "${FOREIGN}"`,
    ],
    [
      "no line for one that nobody may allow",
      { kind: "refused", host: "auth.other.example", allowable: undefined },
      "harbor.example: it names a token service on auth.other.example that is not known to be its own, and nothing is sent there",
    ],
    [
      "that it names none that is one",
      { kind: "refused", host: undefined, allowable: undefined },
      "harbor.example: it names a token service without a valid address, and nobody can log in",
    ],
  ])("%s", (_, said, line) => {
    expect(describeTokenService("harbor.example", said)).toBe(line);
  });
});
