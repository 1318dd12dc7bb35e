// What registries say of their token services, for their owner.

/** What a registry said when it was asked without credentials, or why it said nothing. */
export type Said =
  | { readonly kind: "bearer"; readonly realm: URL }
  | { readonly kind: "basic" | "open" }
  | { readonly kind: "refused"; readonly host: string | undefined; readonly allowable: string | undefined }
  | { readonly kind: "silent"; readonly why: string };

/** One line. It is the place where a foreign address may be read, and pasted, by who knows the registry (S4). */
export function describeTokenService(name: string, said: Said): string {
  switch (said.kind) {
    case "bearer":
      return `${name}: its token service is ${said.realm.origin}${said.realm.pathname}`;
    case "basic":
      return `${name}: it has no token service, and asks for Basic credentials itself`;
    case "open":
      return `${name}: it asks for no credentials at /v2/`;
    case "silent":
      return `${name}: it could not be asked from here. ${said.why}`;
    case "refused":
      return `${name}: ${describeRefused(said)}`;
  }
}

function describeRefused({ host, allowable }: Extract<Said, { kind: "refused" }>): string {
  if (host === undefined) return "it names a token service without a valid address, and nobody can log in";
  const refused = `it names a token service on ${host} that is not known to be its own, and nothing is sent there`;
  return allowable === undefined
    ? refused
    : `${refused}. Only if the registry's own documentation names that address, add to its row: realm = "${allowable}"`;
}
