// Token scopes: parsing them, and which a user is granted.
import { isUnder } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** One `type:name:action,action`. */
export interface Scope {
  type: string;
  name: string;
  actions: string[];
}

const MOST_SCOPES = 64;

/** Scopes of a request: repeated, space-joined, or both. Names may hold a colon, so the outermost ones separate. */
export function parseScopes(values: readonly string[]): Scope[] {
  const scopes: Scope[] = [];
  for (const text of values.join(" ").split(" ").slice(0, MOST_SCOPES)) {
    const first = text.indexOf(":");
    const last = text.lastIndexOf(":");
    if (first <= 0 || last === first) continue;
    // A class, as in `repository(plugin)`, does not matter here.
    const type = text.slice(0, first).replace(/\([a-z]*\)$/, "");
    scopes.push({ type, name: text.slice(first + 1, last), actions: text.slice(last + 1).split(",") });
  }
  return scopes;
}

export function needsUser(settings: Settings, repository: string): boolean {
  return isUnder(repository, settings.private) || isUnder(repository, Object.keys(settings.readers));
}

/** Whether this user (undefined: anonymous) may do that in the repository now. */
export function may(
  settings: Settings,
  user: string | undefined,
  repository: string,
  action: string,
): boolean {
  if (action === "pull") {
    if (!needsUser(settings, repository)) return true;
    if (user === undefined) return false;
    const lists = Object.entries(settings.readers).filter(([prefix]) => isUnder(repository, [prefix]));
    return lists.every(([, users]) => users.includes(user));
  }
  if (user === undefined) return false;
  return settings.writers === "anyone" || settings.writers.includes(user);
}

/** The part of the scopes that this user gets. What is refused is left out silently, as token services do. */
export function granted(settings: Settings, user: string | undefined, scopes: readonly Scope[]): Scope[] {
  return scopes.map((scope) => {
    if (scope.type === "registry")
      return { ...scope, actions: scope.name === "catalog" ? scope.actions : [] };
    if (scope.type !== "repository") return { ...scope, actions: [] };
    const asked = scope.actions.includes("*") ? ["pull", "push", "delete"] : scope.actions;
    return { ...scope, actions: asked.filter((action) => may(settings, user, scope.name, action)) };
  });
}

/** Whether the scopes hold one action on one resource. */
export function covers(scopes: readonly Scope[], type: string, name: string, action: string): boolean {
  return scopes.some((scope) => {
    return scope.type === type && scope.name === name && scope.actions.includes(action);
  });
}
