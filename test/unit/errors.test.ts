// The protocol's errors and the one shape they travel in.
import { describe, expect, it } from "vitest";
import {
  codeOfStatus,
  errorResponse,
  RegistryError,
  STATUS_OF,
  type ErrorCode,
} from "../../src/distribution/errors.ts";

describe("an error code", () => {
  it.each<[ErrorCode, number]>([
    ["BLOB_UNKNOWN", 404],
    ["BLOB_UPLOAD_UNKNOWN", 404],
    ["DENIED", 403],
    ["DIGEST_INVALID", 400],
    ["MANIFEST_BLOB_UNKNOWN", 404],
    ["MANIFEST_INVALID", 400],
    ["MANIFEST_UNKNOWN", 404],
    ["NAME_INVALID", 400],
    ["NAME_UNKNOWN", 404],
    ["RANGE_INVALID", 416],
    ["SIZE_INVALID", 400],
    ["TOOMANYREQUESTS", 429],
    ["UNAUTHORIZED", 401],
    ["UNAVAILABLE", 503],
    ["UNKNOWN", 500],
    ["UNSUPPORTED", 405],
  ])("%s travels with %i", (code, status) => {
    expect(errorResponse(code, "").status).toBe(status);
    expect(new RegistryError(code, "").status).toBe(status);
  });

  it("is an error's status wherever one is not given", () => {
    for (const status of Object.values(STATUS_OF)) expect(status).toBeGreaterThanOrEqual(400);
  });
});

describe("an error response", () => {
  it("is JSON that nothing stores and nothing transforms", async () => {
    const response = errorResponse("NAME_UNKNOWN", 'No "such" <name>.');
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(response.headers.get("Cache-Control")).toBe("no-store, no-transform");
    expect(response.headers.get("Docker-Distribution-Api-Version")).toBe("registry/2.0");
    expect(await response.json()).toEqual({
      errors: [{ code: "NAME_UNKNOWN", message: 'No "such" <name>.' }],
    });
  });

  it("carries a status, a detail and headers of its own", async () => {
    const options = {
      status: 502,
      detail: { host: "a" },
      headers: { Allow: "GET", "Cache-Control": "public" },
    };
    const response = errorResponse("UNKNOWN", "m", options);
    expect(response.status).toBe(502);
    expect(response.headers.get("Allow")).toBe("GET");
    expect(response.headers.get("Cache-Control")).toBe("no-store, no-transform");
    expect(await response.json()).toEqual({
      errors: [{ code: "UNKNOWN", message: "m", detail: { host: "a" } }],
    });
  });

  it("is the same from an error that was thrown, as often as it is asked for", async () => {
    const error = new RegistryError("DENIED", "m", {
      status: 400,
      detail: null,
      headers: { "Retry-After": "1" },
    });
    for (let times = 0; times < 2; times += 1) {
      const response = error.toResponse();
      expect([response.status, response.headers.get("Retry-After")]).toEqual([400, "1"]);
      expect(await response.json()).toEqual({ errors: [{ code: "DENIED", message: "m", detail: null }] });
    }
  });

  it("is thrown as an Error with the message", () => {
    const error = new RegistryError("DENIED", "the message");
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message]).toEqual(["RegistryError", "the message"]);
  });
});

describe("the code for a status", () => {
  it.each<[number, ErrorCode]>([
    [400, "UNKNOWN"],
    [401, "UNAUTHORIZED"],
    [403, "DENIED"],
    [404, "NAME_UNKNOWN"],
    [405, "UNSUPPORTED"],
    [416, "RANGE_INVALID"],
    [418, "UNKNOWN"],
    [429, "TOOMANYREQUESTS"],
    [500, "UNAVAILABLE"],
    [503, "UNAVAILABLE"],
    [522, "UNAVAILABLE"],
  ])("%i is %s", (status, code) => {
    expect(codeOfStatus(status)).toBe(code);
  });
});
