// What podman, buildah and skopeo have in common: the library's files for credentials and mirrors.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OFFLINE } from "./client.ts";
import { layout } from "./images.ts";
import type { Image } from "./images.ts";
import { must } from "../tools/processes.ts";
import type { CommandOptions, Finished } from "../tools/processes.ts";
import { loginAt } from "./targets.ts";
import type { Target } from "./targets.ts";
import type { Login } from "./upstreams.ts";

export interface ContainersImage {
  run: (command: readonly string[], options?: CommandOptions) => Promise<Finished>;
  signIn: (registry: string, login: Login) => Promise<void>;
  /** The library looks up credentials of a mirror under the mirror's own name. */
  signInMirrored: () => Promise<void>;
  /** As the program's own command for it does. */
  logOut: (registry: string) => Promise<void>;
  /** Forgets every login. */
  signOut: () => void;
}

/** `program` with its global options, in an environment where the target is a mirror of the registry it stands for. */
export function containersImage(program: readonly string[], target: Target, folder: string): ContainersImage {
  mkdirSync(folder, { recursive: true });
  const authFile = join(folder, "auth.json");
  const registries = join(folder, "registries.conf");
  const lines = [
    "[[registry]]",
    `location = "${target.upstream.registry}"`,
    "[[registry.mirror]]",
    `location = "${target.registry}/${target.namePrefix}"`.replace(/\/"$/, '"'),
    "insecure = true",
  ];
  writeFileSync(registries, lines.join("\n"));
  const env = { ...OFFLINE, REGISTRY_AUTH_FILE: authFile };
  const run = (command: readonly string[], options: CommandOptions = {}) =>
    must([...program, "--registries-conf", registries, ...command], {
      ...options,
      env: { ...env, ...options.env },
    });
  const signIn = async (registry: string, { name, password }: Login) => {
    const command = ["login", "--tls-verify=false", "--username", name, "--password-stdin", registry];
    await run(command, { input: password });
  };
  const logOut = async (registry: string) => {
    await run(["logout", registry]);
  };
  // podman and buildah want the file to exist where it is named.
  const signOut = () => {
    writeFileSync(authFile, "{}");
  };
  signOut();
  return { run, signIn, logOut, signInMirrored: () => signIn(target.registry, loginAt(target)), signOut };
}

/** Writes the image as an OCI layout and returns its name in the library's notation. */
export function writeLayout(image: Image, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  for (const { name, body } of layout(image, "latest")) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), body);
  }
  return `oci:${folder}:latest`;
}
