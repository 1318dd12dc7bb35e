// What `npm start` says, and what is said of a file that cannot be read.
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { HELP, introduction } from "../../scripts/terminal/start-words.ts";
import { whyUnreadable } from "../../scripts/terminal/unreadable.ts";

describe("npm start", () => {
  it("says what to do, at the port that it listens at", () => {
    const text = introduction(9411).join("\n");
    expect(text).toContain("http://localhost:9411 ");
    expect(text).toContain("docker pull localhost:9411/nginx");
    expect(text).toContain("`Request.cf` object is harmless");
  });

  it("has a help of its own, on one screen", () => {
    expect(HELP.length).toBeLessThan(24);
    for (const word of ["--port N", "wrangler dev", ".dev.vars", "start it again"])
      expect(HELP.join("\n")).toContain(word);
  });
});

describe("a wrangler.toml that is no TOML", () => {
  const said = (toml: string): string => {
    try {
      parse(toml);
      return "read";
    } catch (error) {
      return whyUnreadable("wrangler.toml", error);
    }
  };

  it.each(["yes", "True", "canary", "[canary]", "10.0.0.1"])("says how a value is written: %s", (value) => {
    expect(said(`name = "x"\nCLOSED = ${value}\n`)).toMatch(
      /^wrangler\.toml cannot be read: line 2, column \d+: .*: true and false are written without quotes, text in double quotes$/,
    );
  });

  it("S16: does not show what stands in it", () => {
    expect(said("key = canary")).not.toContain("canary");
    expect(said("key = 'canary")).not.toMatch(/canary|double quotes/);
  });
});
