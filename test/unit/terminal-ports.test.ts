// `--port N` of the scripts that listen.
import { describe, expect, it } from "vitest";
import { takeOptions, takePort } from "../../scripts/terminal/ports.ts";

describe("--port", () => {
  it.each<[string[], number | undefined, string[]]>([
    [[], undefined, []],
    [["--port", "9000"], 9000, []],
    [["--port=9000"], 9000, []],
    [
      ["--ip", "0.0.0.0", "--port", "1", "--local-protocol=https"],
      1,
      ["--ip", "0.0.0.0", "--local-protocol=https"],
    ],
    [["--port", "65535"], 65_535, []],
    [["--portal", "x"], undefined, ["--portal", "x"]],
  ])("is taken out of %j", (words, port, rest) => {
    expect(takePort(words)).toEqual({ port, rest });
  });

  it.each<[string[], string]>([
    [["--port"], "--port has no number: write a number from 1 to 65535, such as --port 9000"],
    [["--port="], '--port is ""'],
    [["--port", "--ip"], "--port has no number"],
    [["--port", "0"], '--port is "0"'],
    [["--port", "65536"], '--port is "65536"'],
    [["--port", "-1"], "--port has no number"],
    [["--port", "8787x"], '--port is "8787x"'],
    [["--port", "1e3"], '--port is "1e3"'],
    [["--port", "\u001b[2J"], '--port is "\\u001b[2J"'],
    [["——port", "1"], "begins with —, which is a dash of typesetting: write two hyphens, as in --port 9000"],
    [["--port", "1", "--port=2"], "--port is there twice"],
  ])("is refused in %j", (words, said) => {
    expect(() => takePort(words)).toThrow(said);
  });

  const DEMO = { command: "npm run demo", flags: ["--keep"] };

  it("stands beside a script's own options, and nothing else does", () => {
    expect(takeOptions(DEMO, ["--keep", "--port", "9000"], {})).toEqual({ port: 9000, rest: ["--keep"] });
    for (const word of ["--kep", "9000", "-p", "\u001b[2J"])
      expect(() => takeOptions(DEMO, [word], {})).toThrow(
        "is not an option here: there are --keep and --port N",
      );
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ["--keep", [], { keep: "true" }, "took --keep for itself: write npm run demo -- --keep"],
    ["--port 9000", ["9000"], { port: "true" }, "--port for itself: write npm run demo -- --port 9000"],
    ["--port=9000", [], { port: "9000" }, "write npm run demo -- --port 9000"],
    ["--port", [], { port: "true" }, "write npm run demo -- --port"],
    [
      "--keep --port 9000",
      ["9000"],
      { keep: "true", port: "true" },
      "took --keep and --port for itself: write npm run demo -- --keep --port 9000",
    ],
    [
      "--port 9000 -- x:secret --y=secret",
      ["x:secret", "9000", "--y=secret"],
      { port: "true" },
      "-- --port 9000 … --y=…",
    ],
    ["--port 9000 -- 10.0.0.1", ["10.0.0.1", "9000"], { port: "true" }, "-- --port 9000 …"],
    ["--port 9000 -- --keep", ["9000", "--keep"], { port: "true" }, "npm run demo -- --port 9000 --keep"],
  ])("is told where npm took it: npm run demo %s", (_, words, taken, said) => {
    const pairs = Object.entries(taken).map(([key, value]) => [`npm_config_${key}`, value]);
    const environment = Object.fromEntries(pairs) as Record<string, string>;
    expect(() => takeOptions(DEMO, words, environment)).toThrow(new RegExp(`${said}$`));
  });
});
