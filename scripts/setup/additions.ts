// Lines beside the hosts: what closes the proxy, and a bucket. `--undo` leaves them where they are.

import { isTrue } from "../../src/config/values.ts";
import { bindingsOf, variablesOf } from "../check/files.ts";
import { findEntry, findSection, readDocument, type Document } from "./document.ts";
import { aboveSection, applyEdits, atEnd, isBelow, type Edit } from "./edits.ts";
import { parseToml, planOther } from "./plan.ts";
import { Refused } from "./refused.ts";
import { requireTable, variableEdit } from "./variables.ts";

const CLOSED_TITLE = ": the proxy answers nobody while what closes it is lost";
const BUCKET_TITLE = ": images are kept in R2";

/** True of a file that says `CLOSED = true`. */
export function isMarkedClosed(text: string): boolean {
  return isTrue(variablesOf(parseToml(text))["CLOSED"]);
}

/** The file with `CLOSED = true`. @throws Refused where another value stands there */
export function planClosed(text: string): string {
  if (isMarkedClosed(text)) return text;
  return planOther(text, (base) => {
    const document = readDocument(base);
    refuseOther(document, "CLOSED", "CLOSED = true");
    const edit = variableEdit(document, (prefix) => [`${prefix}CLOSED = true`]);
    return applyEdits(document, "access", CLOSED_TITLE, [edit]);
  });
}

/** The name of the bucket that is bound as BLOBS; undefined where none is. */
export function bucketOf(text: string): string | undefined {
  const bound = bindingsOf(parseToml(text)).find(({ name }) => name === "BLOBS");
  const name = bound?.settings["bucket_name"];
  return bound === undefined ? undefined : typeof name === "string" ? name : "a bucket";
}

/**
 * The file with a bucket.
 * @param repositories what it keeps; undefined where the file is to say nothing of it
 * @throws Refused where the file is written in a way that cannot be continued
 */
export function planBucket(text: string, name: string, repositories: readonly string[] | undefined): string {
  return planOther(text, (base) => {
    const document = readDocument(base);
    if (findEntry(document, "r2_buckets") !== undefined) {
      throw new Refused(
        `wrangler.toml has r2_buckets = [ … ]: add { binding = "BLOBS", bucket_name = "${name}" } to it yourself`,
      );
    }
    const edits: Edit[] = [
      {
        place: placeOfBucket(document),
        lines: ["[[r2_buckets]]", 'binding = "BLOBS"', `bucket_name = "${name}"`],
      },
    ];
    if (repositories !== undefined) {
      const line = `BUCKET_REPOSITORIES = ${JSON.stringify(repositories)}`;
      refuseOther(document, "BUCKET_REPOSITORIES", line);
      edits.push(variableEdit(document, (prefix) => [prefix + line]));
    }
    return applyEdits(document, "bucket", BUCKET_TITLE, edits);
  });
}

/** Above the variables: who adds a row at the file's end is to find the table there. */
function placeOfBucket(document: Document): Edit["place"] {
  const table = findSection(document, "vars") ?? document.sections.find(({ path }) => isBelow(path, "vars"));
  return table === undefined ? atEnd(document) : aboveSection(document, table);
}

function refuseOther(document: Document, name: string, line: string): void {
  requireTable(document, line);
  if (findEntry(document, "vars", name) === undefined) return;
  throw new Refused(`wrangler.toml has another ${name}: write ${line} in its place yourself`);
}
