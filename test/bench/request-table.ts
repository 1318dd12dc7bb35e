// What the counting of requests found, as tables of Markdown.

import type { Billed } from "./meter.ts";

/** One pull, in one state. */
export interface Row {
  readonly proxy: string;
  readonly lane: string;
  /** What pulls what. */
  readonly pull: string;
  readonly state: string;
  /** To the proxy, to the registry, its token service and its CDN, and those that a quota counts; undefined where the pull failed. */
  readonly counts: readonly number[] | undefined;
  /** Undefined without a bucket. */
  readonly billed: Billed | undefined;
}

const HEAD = [
  "proxy",
  "lane",
  "pull",
  "state",
  "to the proxy",
  "registry",
  "token service",
  "CDN",
  "counted by the quota",
  "R2 class A",
  "R2 class B",
];

/** Operations a month that R2 does not charge for. */
const FREE: Billed = { a: 1_000_000, b: 10_000_000 };

export function renderRequests(rows: readonly Row[]): string {
  const cells = rows.map(({ billed, counts, lane, proxy, pull, state }) => [
    ...[proxy, lane, pull, state],
    ...(counts?.map(String) ?? ["fails", "", "", "", ""]),
    ...(billed === undefined ? ["–", "–"] : [String(billed.a), String(billed.b)]),
  ]);
  return render(HEAD, cells);
}

/** How many pulls a month R2's free allowance is enough for, if all of them were of one state. */
export function renderAllowance(rows: readonly Row[], states: readonly string[]): string {
  const metered = rows.filter(({ billed, lane }) => billed !== undefined && lane === "public");
  const pulls = [...new Set(metered.map(({ pull }) => pull))];
  const cells = pulls.map((pull) => [
    pull,
    ...states.map((state) => {
      const row = metered.find((one) => one.pull === pull && one.state === state);
      return row?.billed === undefined ? "–" : freePulls(row.billed);
    }),
  ]);
  return render(["free pulls a month", ...states], cells);
}

function freePulls({ a, b }: Billed): string {
  if (a === 0 && b === 0) return "all";
  const [byA, byB] = [FREE.a / a, FREE.b / b].map(Math.floor) as [number, number];
  const figure = Math.min(byA, byB).toLocaleString("en");
  return `${figure} (class ${byA < byB ? "A" : "B"})`;
}

function render(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
