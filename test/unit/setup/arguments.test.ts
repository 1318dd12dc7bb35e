// Setup's arguments: the grammar of hosts before any use (S22), and a refusal that says what to write.
import { describe, expect, it } from "vitest";
import { readArguments } from "../../../scripts/setup/arguments.ts";
import { HEAD, TABLE } from "./files.ts";
import { domainsOf, setUp } from "./stage.ts";

const FILE = HEAD + TABLE;

describe("S22: a domain is refused, and nothing is written, where it is", () => {
  it.each<[string, string[], string]>([
    ["a wildcard", ["*.example.com"], "write example.com"],
    ["a wildcard within", ["docker.*.com"], "has a wildcard"],
    ["a star", ["*"], "has a wildcard"],
    ["a URL", ["https://example.com"], "is a URL, and a domain has no scheme: write example.com"],
    ["a URL with a path", ["https://example.com/v2/"], "write example.com"],
    ["a URL with a login", ["https://alice:secret@example.com"], "write example.com"],
    ["a scheme of its own", ["javascript://example.com"], "write example.com"],
    ["a path", ["example.com/v2"], "has a path behind the host: write example.com"],
    ["a path upwards", ["../../etc/passwd"], "write a domain of your own"],
    ["a path of Windows", ["example.com\\x"], "write example.com"],
    ["a query", ["example.com?x"], "write example.com"],
    ["a port", ["example.com:8443"], "has a port, and Cloudflare listens on 443: write example.com"],
    ["an address", ["192.0.2.1"], "is an IP address"],
    ["an address in hexadecimal", ["0x7f.1"], "is an IP address"],
    ["an address in full width", ["１９２.0.2.1"], "is an IP address"],
    ["an address of IPv6", ["2001:db8::1"], "is an IP address"],
    ["an address of IPv6 in brackets", ["[2001:db8::1]"], "is an IP address"],
    ["a number", ["2130706433"], "is an IP address"],
    ["one label", ["example"], "has one part only"],
    ["a dot at the end", ["example.com."], "has a dot at its end: write example.com"],
    ["a dot at the beginning", [".example.com"], "has a dot too many: write example.com"],
    ["two dots", ["example..com"], "has a dot too many"],
    ["workers.dev", ["ferry.alice.workers.dev"], "belongs to Cloudflare"],
    ["workers.dev itself", ["workers.dev"], "belongs to Cloudflare"],
    ["pages.dev", ["ferry.pages.dev"], "belongs to Cloudflare"],
    ["localhost", ["localhost"], "is this machine"],
    ["below localhost", ["docker.localhost"], "is this machine"],
    ["a name of a private network", ["ferry.internal"], "is a name of a private network"],
    ["empty", [""], "is empty"],
    ["a blank", ["example com"], "has a blank"],
    ["a blank around", [" example.com"], "write example.com"],
    ["a line end", ["example.com\nroutes = []"], "are not seen"],
    ["a control character", ["example\u001b[31m.com"], "are not seen"],
    ["a character that turns text around", ["example\u202e.com"], "are not seen"],
    ["a nought", ["example\u0000.com"], "are not seen"],
    ["quotes", ['example".com'], "has quotes in it"],
    ["TOML", ['x"},{pattern="y.com'], "has quotes in it: write a domain of your own"],
    ["a command", ["$(id).example.com"], "is not a domain"],
    ["an underscore", ["my_zone.example.com"], "is not a domain"],
    ["a hyphen at the end", ["example-.com"], "is not a domain"],
    ["a label that is too long", [`${"x".repeat(64)}.com`], "is too long"],
    ["a name that is too long", [`${"x.".repeat(130)}com`], "is too long"],
    ["too long with a row's label", [`${"x.".repeat(123)}comm`], "no row of the table has a host"],
    ["missing", [], "a domain is missing: npm run setup -- <domain>"],
    ["missing behind an option", ["--yes"], "a domain is missing"],
    [
      "beside an unknown row",
      ["example.com", "nosuch"],
      '"nosuch" is no row of the table: there are docker, ghcr',
    ],
    [
      "beside an unknown row, which is told how rows are named",
      ["example.com", "nosuch"],
      "Rows are named as in the routes table (docker for docker.io), several with spaces between them; " +
        "--mirror adds mirror, one host for every registry",
    ],
    [
      "beside a registry's name",
      ["example.com", "docker.io"],
      '"docker.io" is no row of the table: that registry is row docker. Rows are named as in',
    ],
    ["beside a registry's other name", ["example.com", "lscr.io"], "that registry is row ghcr. "],
    ["beside a registry that has no row", ["example.com", "quay.io"], "there are docker, ghcr. Rows"],
    [
      "beside rows with a comma between them",
      ["example.com", "docker,ghcr"],
      "argument 1 behind the domain has a comma in it: write docker ghcr, not docker,ghcr. Rows are named as in",
    ],
    [
      "beside rows with a comma behind one",
      ["example.com", "docker", "ghcr,", "quay"],
      "argument 2 behind the",
    ],
    ["beside rows with a full-width comma", ["example.com", "docker，ghcr"], "has a comma in it"],
    ["beside rows with a comma, to take back", ["example.com", "docker,ghcr", "--undo"], "has a comma in it"],
    ["beside a row that is none", ["example.com", "constructor"], "is no row of the table"],
    ["beside a row with a control character", ["example.com", "x\u001b[2J"], "is no row of the table"],
    ["beside an unknown option", ["example.com", "--force"], "there are --mirror, --yes, --undo"],
    [
      "with a full-width colon",
      ["https：//example.com"],
      "is a URL, and a domain has no scheme: write example.com",
    ],
    ["with one slash", ["http:/example.com"], "is a URL, and a domain has no scheme: write example.com"],
    ["with quotes of typesetting", ["“example.com”"], "has quotes in it: write example.com"],
    [
      "with a full-width scheme",
      ["ｈｔｔｐｓ：／／example.com"],
      "is a URL, and a domain has no scheme: write example.com",
    ],
    ["with a comma for a dot", ["example,com"], "has a comma in it: write a domain"],
    ["with rows behind a comma", ["example.com，docker"], "has a comma in it"],
    [
      "beside a long dash",
      ["example.com", "—mirror"],
      "begins with —, which is a dash of typesetting: write two hyphens",
    ],
    ["beside a short option with a secret", ["example.com", "-psecret"], '"-p" is not an option'],
    ["beside an option with a secret", ["example.com", "--password=secret"], '"--password" is not an option'],
    ["beside an option with a value", ["example.com", "--yes=true"], "is not an option of setup"],
    ["beside a short option", ["example.com", "-y"], "is not an option of setup"],
    ["beside two that do not go together", ["example.com", "--undo", "--mirror"], "--undo takes no --mirror"],
  ])("%s", (_, words, said) => {
    expect(() => setUp(FILE, ...words)).toThrow(said);
    expect(() => setUp(FILE, ...words)).not.toThrow(/[\u0000-\u001f]|secret/);
  });
});

it("S16: of a table with a key, no row that was named is shown", () => {
  const table = `${FILE}k9x2m4q8w1z7r3t5y6u0 = { upstream = "*", key = true }\n`;
  for (const row of ["k9x2m4q8w1z7r3t5y6u1", "k9x2m4q8w1z7r3t5y6u0,docker"]) {
    expect(() => setUp(table, "example.com", row)).toThrow("argument 1 behind the domain");
    expect(() => setUp(table, "example.com", row)).not.toThrow("k9x2");
  }
  const harbor = `${FILE}harbor = { upstream = "https://r.acme.dev", registry = "Harbor.acme.dev" }\n`;
  expect(() => setUp(harbor, "example.com", "harbor.acme.dev")).toThrow("that registry is row harbor. ");
});

describe("a domain", () => {
  it("is taken in capitals, and with hyphens and digits", () => {
    expect(domainsOf(setUp(FILE, "My-Images.4U.dev", "docker"))).toEqual(["docker.my-images.4u.dev"]);
    expect(readArguments(["EXAMPLE.com"]).domain).toEqual({ name: "example.com", written: undefined });
  });

  it("of another script is taken in its ASCII form, which is shown", () => {
    expect(readArguments(["bücher.example"]).domain).toEqual({
      name: "xn--bcher-kva.example",
      written: "bücher.example",
    });
    expect(domainsOf(setUp(FILE, "例え.jp", "docker"))).toEqual(["docker.xn--r8jz45g.jp"]);
  });
});
