// skopeo, which has no storage: it copies into a folder whose files are then read.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Client, Pulled } from "./client.ts";
import { containersImage, writeLayout } from "./containers-image.ts";
import { sha256 } from "./images.ts";
import type { Target } from "./targets.ts";

export function startSkopeo(target: Target, folder: string): Promise<Client> {
  const { run, signIn, logOut, signInMirrored, signOut } = containersImage(["skopeo"], target, folder);
  const copied = join(folder, "copied");

  const copy = async (flags: string[], reference: string, limit?: number): Promise<Pulled> => {
    const command = ["copy", ...flags, `docker://${reference}`, `dir:${copied}`];
    await run(command, limit === undefined ? {} : { limit });
    const body = readFileSync(join(copied, "manifest.json"));
    const { config, layers } = JSON.parse(body.toString()) as Copied;
    for (const { digest } of [config, ...layers]) {
      if (sha256(readBlob(digest)) !== digest) throw new Error(`skopeo wrote other bytes as ${digest}`);
    }
    const { rootfs } = JSON.parse(readBlob(config.digest).toString()) as { rootfs: { diff_ids: string[] } };
    return { config: config.digest, diffIds: rootfs.diff_ids, digests: [sha256(body)] };
  };
  const readBlob = (digest: string) => readFileSync(join(copied, digest.replace("sha256:", "")));

  return Promise.resolve({
    forget() {
      signOut();
      rmSync(copied, { recursive: true, force: true });
      return Promise.resolve();
    },
    signIn,
    signOut: logOut,
    pull: (reference, limit) => copy(["--src-tls-verify=false"], reference, limit),
    async push(image, reference) {
      const source = writeLayout(image, join(folder, "push"));
      await run(["copy", "--dest-tls-verify=false", source, `docker://${reference}`]);
    },
    async listTags(repository) {
      const { stdout } = await run(["list-tags", "--tls-verify=false", `docker://${repository}`]);
      return (JSON.parse(stdout.toString()) as { Tags: string[] }).Tags;
    },
    pullMirrored: (reference) => copy([], reference),
    signInMirrored,
    stop: () => Promise.resolve(),
  });
}

interface Copied {
  config: { digest: string };
  layers: { digest: string }[];
}
