// The recipes that containerd reads: its own, and those of k3s, buildkit and Kubernetes, which cannot be had here.

import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { CommandFailed } from "../tools/processes.ts";
import { startContainerd } from "./containerd.ts";
import { expectFailure, expectStored, namedIn, pulledBy } from "./recipe-menu.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import type { Seeded } from "./upstreams.ts";

const CERTS = "etc/containerd/certs.d";
const [OF_GHCR, OF_ALL] = ["containerd-ghcr.io", "containerd-default"] as const;
/** Seconds within which a registry that is the only one to be asked has said that there is no such image. */
const AT_ONCE = 10;

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
      // On the page of all registries the second file is that of all others, and on the page of one there is none.
      title: "a hosts.toml for each registry",
      recipes: ["containerd-docker.io", "containerd-pull"],
      optional: [OF_GHCR, OF_ALL],
      async run(cook) {
        cook.remove(CERTS);
        cook.place("containerd-docker.io");
        const other = [OF_GHCR, OF_ALL].find((id) => cook.has(id));
        if (other !== undefined) cook.place(other);
        await pullAll(cook);
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
      recipes: [OF_ALL, "containerd-pull"],
      async run(cook) {
        cook.remove(CERTS);
        cook.place(OF_ALL);
        await pullAll(cook);
      },
    },
    {
      title: "the proxy alone, where the registry cannot be reached",
      recipes: ["containerd-alone"],
      async run(cook) {
        const pull = "ctr images pull --hosts-dir /etc/containerd/certs.d";
        cook.remove(CERTS);
        cook.place("containerd-docker.io");
        ok(
          (await failureOf(cook, `${pull} docker.io/library/absent:latest`)).includes("registry-1.docker.io"),
        );
        cook.remove(CERTS);
        cook.place("containerd-alone");
        const began = performance.now();
        const failure = await failureOf(cook, `${pull} docker.io/library/absent:latest`);
        ok(/not found/.test(failure) && !failure.includes("registry-1"), `containerd says: ${failure}`);
        ok(performance.now() - began < AT_ONCE * 1000, "containerd asked for longer than it should");
        await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
        await cook.shell(`${pull} docker.io/library/nginx:latest`);
        await expectInContainerd(cook, "docker.io/library/nginx:latest", cook.kitchen.hub.popular);
      },
    },
    {
      title: "a registry's pull secret, which its mirrors are given too",
      recipes: [],
      async run(cook) {
        // As the kubelet hands it over: a login for an image, whichever host is asked for it.
        const pull = (token: string, name: string) =>
          cook.shell(
            `ctr images pull --hosts-dir /etc/containerd/certs.d --user "alice:$(cat ${token}.txt)" ${name}`,
          );
        const { hub, github, host, hubHost } = cook.kitchen;
        const [own, lint] = ["docker.io/alice/private:latest", "ghcr.io/github/super-linter:latest"];
        await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
        cook.remove(CERTS);
        // Alone with its registry the mirror passes it on, and the private image comes through it.
        writeHosts(cook, [["docker.io", `http://${hubHost}`]]);
        await pull("hub-token", own);
        await expectInContainerd(cook, own, hub.own);
        // On a host of all registries it would be Docker Hub's, which hears nothing of it: what is public comes all the same.
        writeHosts(cook, [["ghcr.io", `http://${host}`]]);
        ok((hub.takeRequests?.() ?? []).length > 0, "the registry keeps no record");
        await pull("ghcr-token", lint);
        await expectInContainerd(cook, lint, github.popular);
        deepStrictEqual(hub.takeRequests?.() ?? [], []);
      },
    },
    {
      title: "logged in at one registry, public images of another",
      recipes: [],
      async run(cook) {
        // What containerd does with the one login that its configuration, or k3s's, has for a mirror's host.
        cook.remove(CERTS);
        cook.place(OF_ALL);
        const pull = `ctr images pull --hosts-dir /etc/containerd/certs.d --user "ghcr.io/alice:$(cat ghcr-token.txt)"`;
        await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
        await cook.shell(`${pull} docker.io/library/nginx:latest`);
        await expectInContainerd(cook, "docker.io/library/nginx:latest", cook.kitchen.hub.popular);
      },
    },
    {
      title: "k3s: as hosts.toml",
      recipes: ["k3s", "containerd-pull"],
      async run(cook) {
        const mirrors = [...cook.block("k3s").matchAll(/^ {2}(\S+):\n {4}endpoint:\n {6}- "(\S+)"$/gm)];
        writeHosts(
          cook,
          mirrors.map(([, registry = "", url = ""]) => [registry, url]),
        );
        await pullAll(cook);
      },
    },
    {
      title: "buildkit: as hosts.toml",
      recipes: ["buildkit", "containerd-pull"],
      async run(cook) {
        const mirrors = [
          ...cook.block("buildkit").matchAll(/^\[registry\."(\S+)"\]\n {2}mirrors = \["(\S+)"\]$/gm),
        ];
        writeHosts(
          cook,
          mirrors.map(([, registry = "", host = ""]) => [registry, `http://${host}`]),
        );
        await pullAll(cook);
      },
    },
    {
      title: "Kubernetes: the manifests' names",
      recipes: ["kubernetes"],
      async run(cook) {
        for (const written of namedIn(cook.block("kubernetes"))) {
          // The kubelet completes names without a tag, and ctr does not.
          const name = `${written}:latest`;
          await cook.shell(`ctr images pull --plain-http ${name}`);
          await expectInContainerd(cook, name, cook.seeded(name));
        }
      },
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, kitchen } = cook;
        const { hub, github } = kitchen;
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

/** What a command that fails says. */
async function failureOf(cook: Cook, script: string): Promise<string> {
  return cook.shell(script).then(
    () => "nothing: it went through",
    (error: unknown) => {
      if (error instanceof CommandFailed) return error.message;
      throw error;
    },
  );
}

/** What another program's file says, as the files that containerd has for it. */
function writeHosts(cook: Cook, mirrors: readonly (readonly [registry: string, url: string])[]): void {
  cook.remove(CERTS);
  ok(mirrors.length > 0, "no mirror was understood");
  for (const [registry, url] of mirrors) cook.write(join(CERTS, registry, "hosts.toml"), hostsToml(url));
}

function hostsToml(url: string): string {
  return `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`;
}

async function pullAll(cook: Cook): Promise<void> {
  await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
  await cook.shell(cook.block("containerd-pull"));
  for (const name of pulledBy(cook.block("containerd-pull")))
    await expectInContainerd(cook, name, cook.seeded(name));
}

async function expectInContainerd(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const list = await cook.shell("ctr images ls");
  const line = list.split("\n").find((one) => one.startsWith(`${name} `));
  ok(line?.includes(image.root.digest), `containerd has ${line ?? "no such image"}`);
}
