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
    [["--port", "1", "--port=2"], "--port is there twice"],
  ])("is refused in %j", (words, said) => {
    expect(() => takePort(words)).toThrow(said);
  });

  it("stands beside a script's own options, and nothing else does", () => {
    expect(takeOptions(["--keep", "--port", "9000"], ["--keep"])).toEqual({ port: 9000, rest: ["--keep"] });
    for (const word of ["--kep", "9000", "-p", "\u001b[2J"])
      expect(() => takeOptions([word], ["--keep"])).toThrow(
        "is not an option here: there are --keep and --port N",
      );
  });
});
