// podman, with storage of its own.

import { join } from "node:path";
import type { Client, Pulled } from "./client.ts";
import { containersImage, writeLayout } from "./containers-image.ts";
import type { Target } from "./targets.ts";

export function startPodman(target: Target, folder: string): Promise<Client> {
  const storage = [
    "--root",
    join(folder, "root"),
    "--runroot",
    join(folder, "run"),
    "--storage-driver",
    "vfs",
  ];
  const { run, signIn, logOut, signInMirrored, signOut } = containersImage(
    ["podman", ...storage],
    target,
    folder,
  );

  const pull = async (reference: string, limit?: number): Promise<Pulled> => {
    await run(["pull", "--tls-verify=false", reference], limit === undefined ? {} : { limit });
    return inspect(reference);
  };

  const inspect = async (reference: string): Promise<Pulled> => {
    const { stdout } = await run(["image", "inspect", reference]);
    const [image] = JSON.parse(stdout.toString()) as [Inspected];
    const digests = [image.Digest, ...image.RepoDigests.map((name) => name.replace(/^.*@/, ""))];
    return { config: `sha256:${image.Id}`, diffIds: image.RootFS.Layers, digests };
  };

  return Promise.resolve({
    async forget() {
      signOut();
      await run(["rmi", "--all", "--force"]);
    },
    signIn,
    signOut: logOut,
    pull,
    async push(image, reference) {
      await run(["pull", writeLayout(image, join(folder, "push"))]);
      await run(["push", "--tls-verify=false", image.config.replace("sha256:", ""), `docker://${reference}`]);
    },
    async listTags(repository) {
      const { stdout } = await run([
        "search",
        "--list-tags",
        "--limit",
        "1000",
        "--tls-verify=false",
        repository,
      ]);
      // A table whatever `--format` says (podman 4.3): NAME and TAG.
      const [, ...lines] = stdout.toString().trim().split("\n");
      return lines.map((line) => line.trim().split(/ +/)[1] ?? "");
    },
    pullMirrored: async (reference) => {
      await run(["pull", reference]);
      return inspect(reference);
    },
    signInMirrored,
    stop: () => Promise.resolve(),
  });
}

interface Inspected {
  Id: string;
  Digest: string;
  RepoDigests: string[];
  RootFS: { Layers: string[] };
}
