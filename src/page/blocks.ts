// The text of each recipe, for the addresses of one host. docs/recipes.md has the same for a host of all registries, and
// a test holds the two together.

import { withTag } from "./convert/image.ts";
import type { Place } from "./site.ts";

/** A command or a file, as it is to be copied. */
export interface Block {
  /** As docs/recipes.md calls it. */
  readonly id: string;
  /** The file that it is; undefined for commands. */
  readonly file?: string;
  readonly text: string;
}

/** A name as registries' own clients write it in full: `docker.io/library/nginx`. */
function fullName({ registry, library, example }: Place): string {
  const repository = library && !example.includes("/") ? `library/${example}` : example;
  return `${registry}/${repository}`;
}

/** The name of a place's image through this proxy. */
function imageAt({ prefix, example }: Place): string {
  return prefix + example;
}

/** What podman's mirrors stand for: a host of all registries hears of the registry in the name. */
function mirrorOf({ host, isUniversal, registry }: Place): string {
  return isUniversal ? `${host}/${registry}` : host;
}

/** What is pulled by name: an image, by docker, or a model, by ollama, which writes `library/` itself. */
export function pullByName(place: Place): Block {
  if (place.isModels)
    return { id: "ollama-pull", text: `ollama pull ${place.prefix}library/${place.example}` };
  return { id: "docker-pull", text: `docker pull ${imageAt(place)}` };
}

export function dockerMirror(origin: string): Block {
  return {
    id: "docker-mirror",
    text: [
      "sudo mkdir -p /etc/docker",
      "sudo tee /etc/docker/daemon.json <<'EOF'",
      `{ "registry-mirrors": ["${origin}"] }`,
      "EOF",
      "sudo systemctl restart docker",
    ].join("\n"),
  };
}

export function dockerMirrorPull({ example }: Place): Block {
  return { id: "docker-mirror-pull", text: `docker pull ${example}` };
}

export function hostsFile({ registry, upstream }: Place, origin: string): Block {
  return {
    id: `containerd-${registry}`,
    file: `/etc/containerd/certs.d/${registry}/hosts.toml`,
    text: `server = "${upstream}"\n\n${hostOf(origin)}`,
  };
}

export function defaultHostsFile(origin: string): Block {
  return {
    id: "containerd-default",
    file: "/etc/containerd/certs.d/_default/hosts.toml",
    text: hostOf(origin),
  };
}

function hostOf(origin: string): string {
  return `[host."${origin}"]\n  capabilities = ["pull", "resolve"]`;
}

export function ctrPull(places: readonly Place[]): Block {
  const lines = places.map(
    (place) => `ctr images pull --hosts-dir /etc/containerd/certs.d ${withTag(fullName(place))}`,
  );
  return { id: "containerd-pull", text: lines.join("\n") };
}

export function kubernetes(place: Place): Block {
  return { id: "kubernetes", text: `containers:\n  - name: web\n    image: ${imageAt(place)}` };
}

export function k3s(places: readonly Place[], origin: string): Block {
  const mirrors = places.map(({ registry }) => `  ${registry}:\n    endpoint:\n      - "${origin}"`);
  return { id: "k3s", file: "/etc/rancher/k3s/registries.yaml", text: ["mirrors:", ...mirrors].join("\n") };
}

export function podman(places: readonly Place[]): Block {
  const registries = places.map(
    (place) =>
      `[[registry]]\nlocation = "${place.registry}"\n[[registry.mirror]]\nlocation = "${mirrorOf(place)}"`,
  );
  return {
    id: "crio",
    file: "/etc/containers/registries.conf.d/mirror.conf",
    text: registries.join("\n\n"),
  };
}

export function podmanPull(places: readonly Place[]): Block {
  return { id: "podman-pull", text: places.map((place) => `podman pull ${fullName(place)}`).join("\n") };
}

export function buildkit(places: readonly Place[]): Block {
  const registries = places.map(({ registry, host }) => `[registry."${registry}"]\n  mirrors = ["${host}"]`);
  return { id: "buildkit", file: "/etc/buildkit/buildkitd.toml", text: registries.join("\n\n") };
}

export function compose(place: Place): Block {
  return { id: "compose", file: "compose.yaml", text: `services:\n  web:\n    image: ${imageAt(place)}` };
}

export function dockerfile(place: Place): Block {
  return { id: "dockerfile", file: "Dockerfile", text: `FROM ${imageAt(place)}` };
}

export function helm({ prefix }: Place): Block {
  return {
    id: "helm-oras",
    text: `helm pull oci://${prefix}owner/charts/app\noras pull ${prefix}owner/artifact:latest`,
  };
}

/** A login of Docker Hub's on a host of all registries, where a plain name is Docker Hub's. */
export function loginHub({ host }: Place): Block {
  return { id: "docker-login-hub", text: loginAndPull("alice", host, `${host}/`, "hub-token.txt") };
}

export function loginOther({ host, prefix, registry }: Place): Block {
  const file = `${registry.split(".", 1)[0] ?? ""}-token.txt`;
  return { id: "docker-login-other", text: loginAndPull(`${registry}/alice`, host, prefix, file) };
}

export function loginOne({ host, prefix }: Place): Block {
  return { id: "docker-login-one", text: loginAndPull("alice", host, prefix, "token.txt") };
}

function loginAndPull(user: string, host: string, prefix: string, file: string): string {
  return (
    `docker login --username ${user} --password-stdin ${host} < ${file}\n` +
    `docker pull ${prefix}alice/private`
  );
}

/** A login of this proxy itself. */
export function loginOwn(host: string): Block {
  return { id: "own-login", text: `docker login ${host}` };
}

export function push({ prefix }: Place): Block {
  return {
    id: "docker-push",
    text: `docker tag ${prefix}alice/private ${prefix}alice/copy\ndocker push ${prefix}alice/copy`,
  };
}

/** A registry of the reader's own, for which they write theirs. */
const OWN_REGISTRY = "registry.example.com";

export function copy(place: Place): Block {
  const [from, to] = [imageAt(place), `${OWN_REGISTRY}/${place.example}`];
  return { id: "copy", text: `docker pull ${from}\ndocker tag ${from} ${to}\ndocker push ${to}` };
}

export function copySkopeo(place: Place): Block {
  const to = `${OWN_REGISTRY}/${place.example}`;
  return { id: "copy-skopeo", text: `skopeo copy --all docker://${imageAt(place)} docker://${to}` };
}
