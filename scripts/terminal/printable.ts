// A text that came from a file, an argument or the network, as a terminal may show it.

const LONGEST = 300;

/** On one line and without control characters, whatever is in it. */
export function printable(line: string): string {
  return line.replace(/\p{C}/gu, "?");
}

/** The same, cut short: what the network says is as long as it likes. */
export function excerpt(text: string, longest = LONGEST): string {
  const line = printable(text.slice(0, 10 * longest).replace(/\s+/g, " ")).trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
