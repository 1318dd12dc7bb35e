// Everything put into a page is escaped, unless it is markup already.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
// Under its own name the formatter would reformat the templates, and white space is part of what is tested.
import { html as page, Html } from "../../src/page/html.ts";

const item = (name: string): Html => page`<li>${name}</li>`;

describe("a template", () => {
  it("escapes text in elements and attributes", () => {
    const text = `<a href="x" & 'y'>`;
    const escaped = "&#60;a href=&#34;x&#34; &#38; &#39;y&#39;&#62;";
    expect(page`<p title="${text}">${text}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  it("keeps markup of other templates, alone and in lists", () => {
    const list = page`<ul>${[item("a"), item("<b>")]}</ul>`;
    expect(list.text).toBe("<ul><li>a</li>\n<li>&#60;b&#62;</li></ul>");
    expect(page`<b>${item("x")}</b>`.text).toBe("<b><li>x</li></b>");
    expect(page`<ul>${[]}</ul>`.text).toBe("<ul></ul>");
  });

  it("escapes once, also what looks escaped", () => {
    expect(page`${page`${"&"}`}`.text).toBe("&#38;");
    expect(page`${"&lt;"}`.text).toBe("&#38;lt;");
  });

  it("without values is its text", () => {
    expect(page`<p>plain</p>`.text).toBe("<p>plain</p>");
    expect(page``.text).toBe("");
  });

  it("lets no text end an element or an attribute, and loses none of it", () => {
    const hostile = fc.string({ unit: fc.constantFrom(...Array.from("<>&\"'=/#;3a")) });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), hostile), (value) => {
        const rendered = page`${value}`.text;
        expect(rendered).not.toMatch(/[<>"']|&(?!#\d+;)/);
        const read = rendered.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
        expect(read).toBe(value);
      }),
    );
  });
});
