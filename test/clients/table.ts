// The result as a Markdown table: a row for each client and operation, a column for each target.

export type Cell = "passed" | "failed" | "none";

export interface Row {
  client: string;
  operation: string;
  cells: Map<string, Cell>;
}

const SIGNS: Record<Cell, string> = { passed: "✓", failed: "✗", none: "–" };

export function renderTable(rows: readonly Row[], columns: readonly string[]): string {
  const head = ["client", "operation", ...columns];
  const body = rows.map(({ client, operation, cells }) => [
    client,
    operation,
    ...columns.map((column) => SIGNS[cells.get(column) ?? "none"]),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...body.map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

export function count(rows: readonly Row[], wanted: Cell): number {
  return rows.flatMap(({ cells }) => [...cells.values()]).filter((cell) => cell === wanted).length;
}
