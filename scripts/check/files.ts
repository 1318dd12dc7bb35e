// The owner's two files, and the environment that they make for the Worker.

import { isTable } from "../../src/config/values.ts";

export type Table = Readonly<Record<string, unknown>>;

/** The owner's files, parsed. */
export interface Files {
  readonly wrangler: Table;
  /** `.dev.vars`; empty where there is none. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A binding of wrangler.toml. */
export interface Binding {
  readonly name: string;
  /** The section that binds it, e.g. `r2_buckets`. */
  readonly section: string;
  readonly settings: Table;
}

/** Sections whose bindings are called by `name`; in all others `name` is something else. */
const CALLED_BY_NAME = ["durable_objects", "ratelimits", "send_email"];

/** Sections in which the same names mean something of their own. */
const OTHER_SCOPES = ["vars", "env", "previews"];

/** Methods by which the Worker's own configuration knows what is bound. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  analytics_engine_datasets: ["writeDataPoint"],
  d1_databases: ["prepare"],
  durable_objects: ["idFromName"],
  kv_namespaces: ["getWithMetadata"],
  queues: ["send"],
  r2_buckets: ["head", "get", "put", "delete", "createMultipartUpload"],
  ratelimits: ["limit"],
  services: ["fetch"],
};

/** All bindings of wrangler.toml's top, in its order. */
export function bindingsOf(wrangler: Table): Binding[] {
  return Object.entries(wrangler)
    .filter(([section]) => !OTHER_SCOPES.includes(section))
    .flatMap(([section, value]) =>
      tablesOf(value).flatMap((settings) => {
        const name = settings[CALLED_BY_NAME.includes(section) ? "name" : "binding"];
        return typeof name === "string" ? [{ name, section, settings }] : [];
      }),
    );
}

/** What the Worker's `env` would be: variables and bindings of wrangler.toml, secrets of .dev.vars over them. */
export function environmentOf({ wrangler, secrets }: Files): Table {
  const bound = bindingsOf(wrangler).map(({ name, section }) => [name, standIn(section)] as const);
  return { ...Object.fromEntries(bound), ...variablesOf(wrangler), ...secrets };
}

/** `[vars]` of wrangler.toml, or of one of its environments. */
export function variablesOf(table: Table): Table {
  return isTable(table["vars"]) ? table["vars"] : {};
}

/** An object with the methods by which a binding is told from others. */
function standIn(section: string): Table {
  return Object.fromEntries((METHODS[section] ?? []).map((method) => [method, () => undefined]));
}

/** A section as the tables it has: itself, those of its list, those of the lists in it (`queues.producers`). */
function tablesOf(value: unknown): Table[] {
  if (Array.isArray(value)) return value.filter(isTable);
  if (!isTable(value)) return [];
  return [value, ...Object.values(value).flatMap((inner) => (Array.isArray(inner) ? tablesOf(inner) : []))];
}
