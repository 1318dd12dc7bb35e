// Scopes of the token protocol: `repository:library/nginx:pull,push`, several divided by spaces.

/** One scope. What does not have three parts (`aws` of public.ecr.aws) is kept as it stands in `type`. */
export interface Scope {
  readonly type: string;
  /** The resource; undefined where the scope is a bare word. It may hold a colon (`host:port/name`). */
  readonly name?: string;
  /** In the order given. */
  readonly actions: readonly string[];
}

const MAX_SCOPES = 65;
const MAX_LENGTH = 8 * 1024;

/**
 * Parses a scope value (distribution, docs/spec/auth/scope: `type:name:action,action`; the type ends at the
 * first colon and the actions begin after the last one).
 * @param text scopes divided by spaces; at most 65 are read
 * @returns the scopes in order; never throws
 */
export function parseScopes(text: string): Scope[] {
  const parts = text.slice(0, MAX_LENGTH).split(/\s+/);
  // What the bound cuts through would be another scope: it is left out.
  if (text.length > MAX_LENGTH) parts.pop();
  return parts
    .filter((part) => part !== "")
    .slice(0, MAX_SCOPES)
    .map(parseScope);
}

function parseScope(text: string): Scope {
  const first = text.indexOf(":");
  const last = text.lastIndexOf(":");
  if (first === -1 || first === last) return { type: text, actions: [] };
  const actions = text
    .slice(last + 1)
    .split(",")
    .filter((action) => action !== "");
  return { type: text.slice(0, first), name: text.slice(first + 1, last), actions };
}

/** The scope as text; `parseScopes` of it is the scope. */
export function formatScope(scope: Scope): string {
  return scope.name === undefined ? scope.type : `${scope.type}:${scope.name}:${scope.actions.join(",")}`;
}

/** The type without its class: `repository(plugin)` is a repository too. */
export function isRepositoryScope(scope: Scope): scope is Scope & { readonly name: string } {
  return scope.name !== undefined && /^repository(\([a-z0-9]+\))?$/.test(scope.type);
}
