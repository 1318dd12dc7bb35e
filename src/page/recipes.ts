// The tabs of recipes: which a host can have, and what is said beside each.

import {
  buildkit,
  compose,
  copy,
  copySkopeo,
  ctrPull,
  defaultHostsFile,
  dockerfile,
  dockerMirror,
  dockerMirrorPull,
  helm,
  hostsFile,
  k3s,
  kubernetes,
  loginHub,
  loginOne,
  loginOther,
  loginOwn,
  podman,
  podmanPull,
  pullByName,
  push,
  type Block,
} from "./blocks.ts";
import type { PageTexts } from "./languages/texts.ts";
import { FORM, isHub, type Place, type Site } from "./site.ts";

/** A block, and the words before it. */
export interface Step {
  readonly note?: keyof PageTexts;
  /** Fills in what the note names. */
  readonly registry?: string;
  /** What stands before the block as a name, where there are several alike. */
  readonly label?: string;
  readonly block?: Block;
}

export interface Tab {
  readonly id: string;
  readonly title: keyof PageTexts;
  readonly steps: readonly Step[];
}

/** The tabs of a host, in the order of how many people want them. None without a step. */
export function tabsOf(site: Site): Tab[] {
  const { here } = site;
  const [first] = here;
  if (first === undefined) return unnamedTabs(site);
  if (first.isModels) return [{ id: "docker", title: "tabOllama", steps: pullSteps(site) }];
  const tabs: Tab[] = [
    { id: "docker", title: "tabDocker", steps: dockerSteps(site) },
    { id: "mirror", title: "tabMirror", steps: mirrorSteps(site) },
    { id: "containerd", title: "tabContainerd", steps: containerdSteps(site, first) },
    { id: "k3s", title: "tabK3s", steps: [{ note: "k3sNote", block: k3s(here, site.origin) }] },
    { id: "podman", title: "tabPodman", steps: podmanSteps(here) },
    { id: "buildkit", title: "tabBuildkit", steps: [{ note: "buildkitNote", block: buildkit(here) }] },
    {
      id: "files",
      title: "tabFiles",
      steps: [
        { note: "composeNote", block: compose(first) },
        { note: "dockerfileNote", block: dockerfile(first) },
      ],
    },
    { id: "helm", title: "tabHelm", steps: [{ note: "helmNote", block: helm(otherThanHub(here) ?? first) }] },
    { id: "login", title: "tabLogin", steps: loginSteps(site, first) },
    {
      id: "copy",
      title: "tabCopy",
      steps: [
        { note: "copyNote", block: copy(first) },
        { note: "copySkopeo", block: copySkopeo(first) },
      ],
    },
  ];
  return tabs.filter(({ steps }) => steps.length > 0);
}

/** Of a registry whose name the visitor may not hear, they know the host: that is enough to pull by name. */
function unnamedTabs({ host, isUnnamed }: Site): Tab[] {
  if (!isUnnamed) return [];
  const block: Block = { id: "docker-pull", text: `docker pull ${host}/${FORM}` };
  return [{ id: "docker", title: "tabDocker", steps: [{ note: "dockerForm", block }] }];
}

function dockerSteps(site: Site): Step[] {
  return [{ note: "dockerNote" }, ...pullSteps(site)];
}

function pullSteps({ elsewhere, here }: Site): Step[] {
  const firstForm = [...here, ...elsewhere].find(({ isForm }) => isForm);
  const steps = (some: readonly Place[]): Step[] =>
    some.map((place) => ({
      label: place.registry,
      block: pullByName(place),
      ...(place === firstForm && { note: "dockerForm" as const }),
    }));
  return [
    ...steps(here),
    ...(elsewhere.length === 0 ? [] : [{ note: "dockerElsewhere" as const }]),
    ...steps(elsewhere),
  ];
}

/** Docker mirrors Docker Hub and nothing else, and sends its mirrors no login. */
function mirrorSteps({ hasUsers, here, origin }: Site): Step[] {
  const hub = here.find(isHub);
  if (hub === undefined) return [];
  return [
    { note: "mirrorNote", block: dockerMirror(origin) },
    { note: "mirrorThen", block: dockerMirrorPull(hub) },
    ...(hasUsers ? [{ note: "mirrorLogin" as const }] : []),
  ];
}

function containerdSteps({ hasUsers, here, isUniversal, origin }: Site, first: Place): Step[] {
  return [
    { note: "containerdNote", block: hostsFile(first, origin) },
    ...(isUniversal ? [{ note: "containerdDefault", block: defaultHostsFile(origin) } as const] : []),
    ...(known(here).length === 0 ? [] : [{ note: "containerdPull", block: ctrPull(known(here)) } as const]),
    ...(hasUsers ? [{ note: "containerdLogin" } as const] : []),
    { note: "kubernetesNote", block: kubernetes(first) },
  ];
}

function podmanSteps(here: readonly Place[]): Step[] {
  return [
    { note: "podmanNote", block: podman(here) },
    ...(known(here).length === 0 ? [] : [{ note: "podmanPull", block: podmanPull(known(here)) } as const]),
  ];
}

/** Two are enough to try with, of those that have an image to try. */
function known(here: readonly Place[]): readonly Place[] {
  return here.filter(({ isForm }) => !isForm).slice(0, 2);
}

/** In a closed proxy the login is the proxy's own; in an open one it is a registry's. */
function loginSteps(site: Site, first: Place): Step[] {
  if (site.isClosed) return site.hasUsers ? [{ note: "loginNoteOwn", block: loginOwn(site.host) }] : [];
  const pushes = (place: Place): Step[] => (site.mayPush ? [{ note: "pushNote", block: push(place) }] : []);
  if (!site.isUniversal) {
    return [{ note: "loginNoteOne", registry: first.registry, block: loginOne(first) }, ...pushes(first)];
  }
  const hub = site.here.find(isHub);
  const other = otherThanHub(site.here);
  return [
    ...(hub === undefined ? [] : [{ note: "loginNoteHub" as const, block: loginHub(hub) }]),
    ...(other === undefined ? [] : [{ note: "loginNoteOther" as const, block: loginOther(other) }]),
    ...pushes(other ?? first),
  ];
}

/** ghcr.io where it is there, since most people's images that are not at Docker Hub are there. */
function otherThanHub(here: readonly Place[]): Place | undefined {
  const others = here.filter((place) => !isHub(place));
  return others.find(({ registry }) => registry === "ghcr.io") ?? others[0];
}
