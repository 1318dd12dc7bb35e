// The table of the CPU benchmark, and the file with every figure behind it.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";
import type { Budget, Row } from "./cpu-rows.ts";
import { workerdVersion } from "./workerd.ts";

export interface Measurement {
  /** Of CPU, a request. */
  readonly ms: number;
  /** That all took by the clock. */
  readonly seconds: number;
  readonly requests: number;
  /** How many answers were in the cache afterwards; undefined where none is to be. */
  readonly kept: number | undefined;
}

/** A row at a number of connections: a measurement for each round. */
export interface Measured {
  readonly row: Row;
  readonly connections: number;
  readonly ours: readonly Measurement[];
  readonly others: readonly Measurement[];
}

export function report(measured: readonly Measured[]): void {
  const machine = `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim() ?? "unknown processor"} (${
    cpus().length
  } cores), ${workerdVersion()}, node ${process.version}`;
  const table = tableOf(measured);
  const notes = measured.flatMap(({ row, ours, others }) => speedOf(row, ours, others));
  console.log(
    `${machine}. CPU of workerd in ms a request; no R2.\n\n${table}\n${notes.map((note) => `\n${note}`).join("")}`,
  );
  const folder = join(ROOT, ".wrangler/bench/cpu");
  mkdirSync(folder, { recursive: true });
  const rows = measured.map(({ row: { name, beside, budget }, ...figures }) => ({
    name,
    beside,
    budget,
    ...figures,
  }));
  const file = join(folder, "results.json");
  writeFileSync(file, JSON.stringify({ machine, rows }, null, 2));
  writeFileSync(join(folder, "table.md"), `${table}\n`);
  console.log(`\n${file}`);
}

function tableOf(measured: readonly Measured[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const counts = [...new Set(measured.map(({ connections }) => connections))];
  const figures = counts.flatMap((count) => [`${count}: ours`, "other", "more", "ratio"]);
  const head = ["what", "beside", ...figures, "budget", "within"];
  const rows = [...new Set(measured.map(({ row }) => row))].map((row) => {
    const own = measured.filter((one) => one.row === row);
    const cells = counts.flatMap((count) => cellsOf(own.find(({ connections }) => connections === count)));
    return line([row.name, row.beside, ...cells, wordsOf(row.budget), verdictOf(own)]);
  });
  return [line(head), line(head.map(() => "---")), ...rows].join("\n");
}

function cellsOf(one: Measured | undefined): string[] {
  if (one === undefined) return ["–", "–", "–", "–"];
  const { ours, other } = medians(one);
  const share = keptShare(one);
  const note = share < 1 ? ` (${(100 * share).toFixed(0)} % kept)` : "";
  return [figure(ours) + note, figure(other), figure(ours - other), (ours / other).toFixed(1)];
}

/** How many of our answers were kept that were to be, in the worst round. */
function keptShare({ ours }: Measured): number {
  return Math.min(...ours.map(({ kept, requests }) => (kept ?? requests) / requests));
}

function medians({ ours, others }: Measured): { ours: number; other: number } {
  return { ours: median(ours.map(({ ms }) => ms)), other: median(others.map(({ ms }) => ms)) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function figure(ms: number): string {
  return Math.abs(ms) < 10 ? ms.toFixed(2) : ms.toFixed(0);
}

function wordsOf(budget: Budget | undefined): string {
  if (budget === undefined) return "–";
  return budget.inAll === true ? `${budget.ms} in all` : `${budget.ms} more`;
}

/** Of each number of connections whether the budget is kept, by the median; with a "?" where not every round says so. */
function verdictOf(own: readonly Measured[]): string {
  const verdicts = own.map((one) => {
    const { budget } = one.row;
    // Where not all are kept, the figure is not that of a fill.
    if (budget === undefined || keptShare(one) < 1) return "–";
    const isKept = (ours: number, other: number): boolean =>
      (budget.inAll === true ? ours : ours - other) <= budget.ms;
    const { ours, other } = medians(one);
    const verdict = isKept(ours, other);
    const isClear = one.ours.every(({ ms }, round) => isKept(ms, one.others[round]?.ms ?? NaN) === verdict);
    return `${verdict ? "yes" : "no"}${isClear ? "" : "?"}`;
  });
  const distinct = new Set(verdicts);
  return distinct.size === 1 ? (verdicts[0] ?? "") : verdicts.join(", ");
}

function speedOf(
  { name, speedOf }: Row,
  ours: readonly Measurement[],
  others: readonly Measurement[],
): string[] {
  if (speedOf === undefined) return [];
  const speed = (all: readonly Measurement[]): string =>
    (median(all.map(({ requests, seconds }) => (requests * speedOf) / seconds)) / 1e6).toFixed(0);
  return [`${name}: ${speed(ours)} MB/s, the other ${speed(others)} MB/s.`];
}
