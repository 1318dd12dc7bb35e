// The recipes that containerd reads: its own, and those of k3s, buildkit and Kubernetes, which cannot be had here.

import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { startContainerd } from "./containerd.ts";
import { CommandFailed } from "../tools/processes.ts";
import { expectStored } from "./recipe-menu.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import type { Seeded } from "./upstreams.ts";

const CERTS = "etc/containerd/certs.d";

export const CONTAINERD: Menu = {
  client: "containerd",
  async prepare(cook) {
    const daemon = await startContainerd(join(cook.folder, "containerd"));
    cook.env["CONTAINERD_ADDRESS"] = daemon.socket;
    cook.env["CONTAINERD_SNAPSHOTTER"] = "native";
    return daemon;
  },
  dishes: [
    {
      title: "hosts.toml of two registries",
      recipes: ["containerd-docker.io", "containerd-ghcr.io", "containerd-pull"],
      async run(cook) {
        writeHosts(cook, {
          "docker.io": cook.block("containerd-docker.io"),
          "ghcr.io": cook.block("containerd-ghcr.io"),
        });
        await pullBoth(cook);
      },
    },
    {
      title: "the same repository of two registries, with the login of each",
      recipes: ["containerd-private"],
      async run(cook) {
        const { hub, github } = cook.kitchen;
        await cook.shell(cook.block("containerd-private"));
        await expectInContainerd(cook, "docker.io/alice/private:latest", hub.own);
        await expectInContainerd(cook, "ghcr.io/alice/private:latest", github.own);
        const [first = ""] = cook.block("containerd-private").split("\n");
        await expectFailure(() => cook.shell(first.replace("hub-token", "ghcr-token")));
      },
    },
    {
      title: "_default/hosts.toml",
      recipes: ["containerd-default", "containerd-pull"],
      async run(cook) {
        writeHosts(cook, { _default: cook.block("containerd-default") });
        await pullBoth(cook);
      },
    },
    {
      title: "logged in at one registry, public images of another",
      recipes: [],
      async run(cook) {
        // What containerd does with the one login that its configuration, or k3s's, has for a mirror's host.
        writeHosts(cook, { _default: cook.block("containerd-default") });
        const pull = `ctr images pull --hosts-dir /etc/containerd/certs.d --user "ghcr.io/alice:$(cat ghcr-token.txt)"`;
        await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
        await cook.shell(`${pull} docker.io/library/nginx:latest`);
        await expectInContainerd(cook, "docker.io/library/nginx:latest", cook.kitchen.hub.popular);
      },
    },
    {
      title: "k3s: as hosts.toml",
      recipes: ["k3s"],
      async run(cook) {
        const mirrors = [...cook.block("k3s").matchAll(/^ {2}(\S+):\n {4}endpoint:\n {6}- "(\S+)"$/gm)];
        writeHosts(
          cook,
          Object.fromEntries(mirrors.map(([, registry = "", url = ""]) => [registry, hostsToml(url)])),
        );
        await pullBoth(cook);
      },
    },
    {
      title: "buildkit: as hosts.toml",
      recipes: ["buildkit"],
      async run(cook) {
        const mirrors = [
          ...cook.block("buildkit").matchAll(/^\[registry\."(\S+)"\]\n {2}mirrors = \["(\S+)"\]$/gm),
        ];
        writeHosts(
          cook,
          Object.fromEntries(
            mirrors.map(([, registry = "", host = ""]) => [registry, hostsToml(`http://${host}`)]),
          ),
        );
        await pullBoth(cook);
      },
    },
    {
      title: "Kubernetes: the manifests' names",
      recipes: ["kubernetes"],
      async run(cook) {
        const { hub, github } = cook.kitchen;
        const names = [...cook.block("kubernetes").matchAll(/image: (\S+)/g)].map(([, name = ""]) => name);
        deepStrictEqual(names.length, 2);
        for (const [at, name] of names.entries()) {
          await cook.shell(`ctr images pull --plain-http ${name}`);
          await expectInContainerd(cook, name, at === 0 ? hub.popular : github.popular);
        }
      },
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, hub, github } = cook.kitchen;
        const [from, to] = [
          `${host}/docker.io/owner/tagged:v00`,
          `${host}/ghcr.io/alice/from-hub-ctr:latest`,
        ];
        const user = `--user "ghcr.io/alice:$(cat ghcr-token.txt)"`;
        await cook.shell(
          `ctr images pull --plain-http ${from}\nctr images tag ${from} ${to}\nctr images push --plain-http ${user} ${to}`,
        );
        await expectStored(github, "alice/from-hub-ctr", hub.tagged);
      },
    },
  ],
};

function writeHosts(cook: Cook, files: Record<string, string>): void {
  cook.remove(CERTS);
  for (const [registry, text] of Object.entries(files)) cook.write(join(CERTS, registry, "hosts.toml"), text);
}

function hostsToml(url: string): string {
  return `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`;
}

async function pullBoth(cook: Cook): Promise<void> {
  await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
  await cook.shell(cook.block("containerd-pull"));
  await expectInContainerd(cook, "docker.io/library/nginx:latest", cook.kitchen.hub.popular);
  await expectInContainerd(cook, "ghcr.io/github/super-linter:latest", cook.kitchen.github.popular);
}

async function expectInContainerd(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const list = await cook.shell("ctr images ls");
  const line = list.split("\n").find((one) => one.startsWith(`${name} `));
  ok(line?.includes(image.root.digest), `containerd has ${line ?? "no such image"}`);
}

async function expectFailure(command: () => Promise<unknown>): Promise<void> {
  const failed = await command().then(
    () => false,
    (error: unknown) => {
      if (error instanceof CommandFailed) return true;
      throw error;
    },
  );
  ok(failed, "the command went through");
}
