// YAML and JSON: compose files, manifests of Kubernetes, kustomizations, and values of Helm charts.

import { excerpt, lineOf } from "./edits.ts";
import type { Offer } from "./offer.ts";
import type { Kind } from "./types.ts";
import type { Result } from "./uses.ts";
import { compose } from "./yaml/compose.ts";
import { manifest } from "./yaml/kubernetes.ts";
import { kustomization } from "./yaml/kustomize.ts";
import { find, textOf, type Document } from "./yaml/nodes.ts";
import { parseYaml } from "./yaml/parse.ts";
import { chart } from "./yaml/values.ts";
import { other, walkOver, type Outcome, type Role } from "./yaml/walk.ts";

/** What became of a text. */
export interface ConvertedYaml extends Result {
  /** What it was taken for; undefined where it is neither a mapping nor a sequence. */
  readonly kind: Kind | undefined;
}

const COMPOSE = /^(?:version|name|services|volumes|networks|configs|secrets|include|models|x-.*|<<)$/;
const ROLES = new Map<Kind, Role>([
  ["compose", compose],
  ["kubernetes", manifest],
  ["kustomize", kustomization],
  ["values", chart],
]);
/** Ends of lines to some readers and not to others (YAML 1.1 has more of them than 1.2). */
const ODD_BREAK = /\r(?!\n)|[\x85\u2028\u2029]/;

/** Rewrites the images of a text in YAML or JSON. It takes linear time, and never throws. */
export function convertYaml(text: string, offer: Offer): ConvertedYaml {
  const { documents, faultAt } = parseYaml(text);
  const out: Outcome = { rewritten: [], left: [] };
  const kinds = documents.map(kindOf);
  const certain = kinds.filter((kind) => kind !== undefined && kind !== "values");
  const kind = certain.includes("kubernetes") ? "kubernetes" : (certain[0] ?? kinds.find(Boolean));
  const oddAt = ODD_BREAK.exec(text)?.index;
  for (const [index, document] of documents.entries()) {
    const own = kinds[index];
    if (own === undefined || oddAt !== undefined) continue;
    // Beside others, what could be anything is no chart's values.
    const role = own === "values" && kind !== own ? other : ROLES.get(own);
    walkOver(document, role ?? other, offer, out);
  }
  const stop = oddAt ?? faultAt;
  if (stop !== undefined) out.left.push({ at: stop, image: lineAt(text, stop), reason: "syntax" });
  const line = lineOf(text);
  const placed = <One extends { readonly at: number }>(all: One[]): (Omit<One, "at"> & { line: number })[] =>
    all.sort((a, b) => a.at - b.at).map(({ at, ...rest }) => ({ line: line(at), ...rest }));
  const rewritten = placed(out.rewritten);
  const edits = out.rewritten.map(({ at, from, to }) => ({ start: at, end: at + from.length, text: to }));
  return { kind, edits, rewritten, left: placed(out.left) };
}

function kindOf({ root, isBroken }: Document): Kind | undefined {
  if (root.isScalar) return undefined;
  const kind = textOf(find(root, "kind"));
  const version = textOf(find(root, "apiVersion"));
  if (version?.startsWith("kustomize.config.k8s.io/") ?? kind === "Kustomization") return "kustomize";
  // Behind a fault may stand what is missing here.
  if (kind !== undefined && version !== undefined) return "kubernetes";
  if (isBroken && (kind ?? version) !== undefined) return undefined;
  const renamed = find(root, "images")?.pairs.some(
    ([, entry]) => (find(entry, "newName") ?? find(entry, "newTag")) !== undefined,
  );
  if (renamed === true) return "kustomize";
  const isComposed = find(root, "services") ?? find(root, "include");
  const areKnown = root.pairs.every(([name]) => COMPOSE.test(name));
  return isComposed !== undefined && areKnown ? "compose" : "values";
}

function lineAt(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return excerpt((text.slice(start, start + 1000).split(/[\r\n]/, 1)[0] ?? "").trim());
}
