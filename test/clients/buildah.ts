// buildah, with storage of its own.

import { join } from "node:path";
import type { Client, Pulled } from "./client.ts";
import { containersImage, writeLayout } from "./containers-image.ts";
import type { Target } from "./targets.ts";

export function startBuildah(target: Target, folder: string): Promise<Client> {
  const storage = [
    "--root",
    join(folder, "root"),
    "--runroot",
    join(folder, "run"),
    "--storage-driver",
    "vfs",
  ];
  const { run, signIn, signInMirrored, signOut } = containersImage(["buildah", ...storage], target, folder);

  const inspect = async (reference: string): Promise<Pulled> => {
    const { stdout } = await run(["inspect", "--type", "image", reference]);
    const image = JSON.parse(stdout.toString()) as Inspected;
    const diffIds = image.OCIv1.rootfs.diff_ids;
    return { config: `sha256:${image.FromImageID}`, diffIds, digests: [image.FromImageDigest] };
  };

  return Promise.resolve({
    async forget() {
      signOut();
      await run(["rmi", "--all", "--force"]);
    },
    signIn,
    async pull(reference) {
      await run(["pull", "--tls-verify=false", reference]);
      return inspect(reference);
    },
    async push(image, reference) {
      await run(["pull", writeLayout(image, join(folder, "push"))]);
      await run(["push", "--tls-verify=false", image.config.replace("sha256:", ""), `docker://${reference}`]);
    },
    async pullMirrored(reference) {
      await run(["pull", reference]);
      return inspect(reference);
    },
    signInMirrored,
    stop: () => Promise.resolve(),
  });
}

interface Inspected {
  FromImageID: string;
  FromImageDigest: string;
  OCIv1: { rootfs: { diff_ids: string[] } };
}
