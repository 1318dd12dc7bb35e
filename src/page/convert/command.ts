// Commands that pull: which of their words are images, and what may be in such a line at all.

import type { Region } from "./variables.ts";

/** An option that is known, with its value. After any other, it cannot be told whether the next word is its own. */
const OPTION =
  /(?:--?\w[\w.-]*=\S*|(?:-n|--(?:namespace|platform|hosts-dir))\s+\S+|-[aq]|--(?:quiet|raw|all(?:-tags|-platforms)?|disable-content-trust))(?!\S)/
    .source;
/** A tool with its verb, or with an option before that which is not known. */
const COMMAND = new RegExp(
  String.raw`^(?:sudo\s+)?(?:(skopeo)\s+(?:copy|inspect|-\S*)|(?:docker|podman|nerdctl|crictl|ctr)\s+` +
    String.raw`(?:${OPTION}\s+)*(?:(-)\S*|(?:(?:images?|i)\s+)?pull))(?!\S)`,
);
/** An option, what looks like one, or an image. */
const WORD = new RegExp(String.raw`${OPTION}|(-\S*)|\S+`, "g");
const SCHEME = "docker://";

/** No quotes, no variables, nothing that ends a command or begins another one. */
const SAFE = /^[\w./:@=+, \t-]*$/;
/** More is no line that anybody writes. */
const MOST = 4096;

/**
 * Reads a line: where images stand in it. Undefined, where it is no command that pulls; none, where it is not safe to
 * hand on, or says what is not known here.
 * @param line without white space around it, and without a prompt
 */
export function readCommand(line: string): readonly Region[] | undefined {
  const [start, skopeo, unknown] = COMMAND.exec(line.slice(0, MOST)) ?? [];
  if (start === undefined) return undefined;
  if (unknown !== undefined || line.length > MOST || !SAFE.test(line)) return [];
  const images: Region[] = [];
  for (const { index, 0: text, 1: odd } of line.slice(start.length).matchAll(WORD)) {
    if (odd !== undefined) return [];
    if (!text.startsWith("-")) images.push({ at: start.length + index, text });
  }
  if (skopeo === undefined) return images;
  // What follows is where it is copied to.
  return images.slice(0, 1).flatMap(({ at, text }) => {
    return text.startsWith(SCHEME) ? [{ at: at + SCHEME.length, text: text.slice(SCHEME.length) }] : [];
  });
}
