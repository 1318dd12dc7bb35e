// The links and images of a pair: the same ones in the same order in each section, each in its own language or in the other.

import type { Finding } from "./finding.ts";
import { isElsewhere, targetOf } from "./links.ts";
import type { Link } from "./markdown.ts";
import type { Repository } from "./repository.ts";
import { englishTwin, type Side } from "./twins.ts";

/** Where the sections of two documents lead to different places: the first difference of each section. */
export function checkTwinLinks(english: Side, chinese: Side, repository: Repository): Finding[] {
  const sections = english.document.headings.length + 1;
  const kinds = ["links", "images"] as const;
  return kinds.flatMap((kind) =>
    Array.from({ length: sections }).flatMap((_, section) => {
      const [ours, theirs] = [english, chinese].map((side) =>
        side.document[kind]
          .filter((link) => link.section === section)
          .map((link) => ({ link, place: placeOf(side.file, link, repository) })),
      );
      return difference(ours ?? [], theirs ?? [], { kind, english, chinese, section });
    }),
  );
}

interface Led {
  readonly link: Link;
  readonly place: string;
}

interface Where {
  readonly kind: "links" | "images";
  readonly english: Side;
  readonly chinese: Side;
  readonly section: number;
}

function difference(ours: readonly Led[], theirs: readonly Led[], where: Where): Finding[] {
  const { kind, english, chinese, section } = where;
  const length = Math.max(ours.length, theirs.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [ours[index], theirs[index]];
    if (one?.place === other?.place) continue;
    const line = other?.link.line ?? chinese.document.headings[section - 1]?.line ?? 1;
    const inOrder = sorted(ours) === sorted(theirs) ? `the ${kind} stand in another order: ` : "";
    const wrong = `${inOrder}number ${index + 1} of the section's ${kind} is ${other?.link.href ?? "not there"}`;
    const instead =
      one === undefined
        ? `${english.file} has no such one`
        : `${english.file}:${one.link.line} has ${one.link.href}`;
    return [{ file: chinese.file, line, wrong, instead }];
  }
  return [];
}

function sorted(links: readonly Led[]): string {
  return links
    .map(({ place }) => place)
    .sort()
    .join(" ");
}

/** Where a link leads, the same for both languages: English names, and a heading by its number. */
function placeOf(file: string, { href }: Link, { documents }: Repository): string {
  const target = isElsewhere(href) ? undefined : targetOf(file, href);
  if (target === undefined) return href;
  const document = documents.get(target.path);
  const index = document?.headings.findIndex(({ anchor }) => anchor === target.anchor) ?? -1;
  const anchor = index === -1 ? target.anchor : `heading ${index + 1}`;
  return `${inEnglish(target.path)}#${anchor}`;
}

/** `docs/images/page-zh-CN.png` is `page-en.png` of the other language, and so is `page.zh-CN.png` of `page.png`. */
function inEnglish(path: string): string {
  return englishTwin(path) ?? path.replace(/[-.](?:en|zh-CN)(?=\.\w+$)/, "");
}
