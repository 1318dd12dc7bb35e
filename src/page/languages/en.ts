// English.

import type { Language } from "./texts.ts";

export const EN: Language = {
  tag: "en",
  name: "English",
  between: " ",
  page: {
    title: "Container images through {host}",
    heading: "Container images, by way of {host}",
    headingOne: "Images of {registry}, by way of {host}",
    whatItIs:
      "Registry Ferry is a proxy in front of container registries: where docker, Kubernetes or Podman cannot reach a registry, they pull from this address instead.",
    whatItIsOpen: "Write it before the image's name, or set it as a mirror once.",
    whatItIsOpenOne: "Write it where {registry} stands in an image's name, or set it as a mirror once.",
    whatItIsOpenHub: "Write it before the name of an image of Docker Hub, or set it as Docker's mirror once.",
    whatItIsClosed: "This one is for the people and networks that its owner named, and you are one of them.",
    runBy: "It is run by {operator}.",
    runByNobody: "It is run by the owner of this host name, who has given no name here.",
    contact: "Contact the owner.",
    whatItIsNot:
      "It belongs to none of the registries, and is not a site of theirs. It never asks for a password on a web page.",
    language: "Language",
    theme: "Colours",
    themeSystem: "Same as the system",
    themeLight: "Light",
    themeDark: "Dark",
    project: "Registry Ferry, the project",

    convertHeading: "Paste an image's name or a file",
    convertLabel:
      "An image's name, a `docker pull` line, a Dockerfile, a compose file, Kubernetes manifests or Helm values.",
    convertHint:
      "You get it back with every image that this proxy serves named through it, and nothing else changed.",
    convertPrivacy: "It is done in your browser: what you paste is not sent, and not kept.",
    needsScript: "This needs JavaScript. The commands below do not.",

    recipesHeading: "Set it up",
    tabDocker: "docker pull",
    tabOllama: "ollama pull",
    tabMirror: "Docker mirror",
    tabContainerd: "containerd, Kubernetes",
    tabK3s: "k3s",
    tabPodman: "Podman, CRI-O",
    tabBuildkit: "BuildKit",
    tabFiles: "Compose, Dockerfile",
    tabHelm: "Helm, ORAS",
    tabLogin: "Log in, push",
    tabCopy: "Keep a copy",
    dockerNote: "By name, without any configuration. Podman and nerdctl take the same names.",
    dockerForm: "Replace what begins with `owner` by your image's name.",
    dockerElsewhere: "Registries that this proxy serves at other addresses:",
    mirrorNote:
      "Docker asks this address first for every image of Docker Hub, under its usual name. If `/etc/docker/daemon.json` is there already, add the line to it instead of replacing it.",
    mirrorThen: "Then pull as usual:",
    mirrorLogin:
      "Docker sends its mirrors no login: this works on machines that are let in by their address.",
    containerdNote:
      'containerd reads this file where its configuration has `config_path = "/etc/containerd/certs.d"`; restart it after you set that. `server` is asked where the proxy has no answer.',
    containerdDefault: "One file for every other registry:",
    containerdPull: "To try it:",
    containerdLogin:
      "If this proxy wants a login, the file also needs an `Authorization` header: docs/recipes.md of the project has it.",
    kubernetesNote: "Where the nodes cannot be changed, write the name into the manifests:",
    k3sNote: "Save this file, then restart k3s.",
    podmanNote:
      "Save this file. Podman, Buildah and Skopeo read it at once; CRI-O after `sudo systemctl reload crio`.",
    podmanPull: "Then pull as usual:",
    buildkitNote:
      "With this file, make a builder that reads it: `docker buildx create --use --buildkitd-config /etc/buildkit/buildkitd.toml`",
    composeNote: "Compose:",
    dockerfileNote: "Dockerfile:",
    helmNote:
      "They take names as they are; replace what begins with `owner` by your chart's or artifact's name.",
    loginNoteHub:
      "For your private images at Docker Hub, with an access token of Docker Hub. The proxy hands it to the registry, and keeps nothing.",
    loginNoteOther: "At any other registry, its name stands before yours:",
    loginNoteOne:
      "For your private images at {registry}, with a name and a token of {registry}. The proxy hands them to the registry, and keeps nothing.",
    loginNoteOwn:
      "With the name and password that the owner of this proxy gave you. Images are pulled afterwards, not pushed.",
    pushNote: "Push under the same kind of name:",
    copyNote:
      "Each pull costs the proxy requests, of which its owner has a limited number a day. Pull once, and keep the image in a registry of your own:",
    copySkopeo: "With every platform, and without docker:",

    checkHeading: "Check an image",
    checkLabel: "Image",
    checkButton: "Check",
    checkCost: "Asks this proxy what the tag stands for, as somebody without a login.",
    checkCostHub:
      "Of an image that is not kept here yet, that counts as two pulls at Docker Hub's rate limit.",

    doorIntro:
      "This is Registry Ferry, a proxy in front of container registries. It is for people and networks that its owner named.",
    doorLogin: "Log in",
    doorLoginNote:
      "With the name and password that the owner gave you, in a terminal. No web page of this proxy asks for them.",
    doorAddress: "It knows people by the address of their network. Yours is not one of those.",
    unknownTitle: "No registry has this host name",
    unknownIntro: "{host} reaches this proxy, but no row of its table is for that name.",
    unknownVisitor: "If somebody gave you this address, ask them for the right one.",
    unknownOwner:
      "If the proxy is yours: the first label of a host, or its whole name, has to be a key of `[vars.ROUTES]` in `wrangler.toml`. `npm run check-config` shows what each host reaches.",
    unknownThere: "These addresses are served:",
  },
  script: {
    problems: {
      401: "The registry does not give it to anybody: it is private, or it does not exist.",
      403: "The owner of this proxy, or the registry, does not allow this image.",
      404: "There is no such image, or no such tag or digest of it.",
      tag: "The image exists, but not this tag or digest.",
      name: "There is no image of that name.",
      429: "The registry has had too many requests, and refuses for now.",
      502: "What the registry answered cannot be passed on.",
      503: "The registry does not answer, and the image is not kept here.",
      network: "The proxy could not be reached from this browser.",
      other: "The proxy answered {status}.",
    },
    forms: {
      index: "an image for several platforms",
      image: "an image for one platform",
      artifact: "not an image, but an artifact",
    },
    reasons: {
      already: "goes through this proxy already",
      "not-served": "{registry} is not served here",
      variable: "has variables whose values are not in the text",
      invalid: "not the name of an image",
      "odd-characters": "has characters that are not shown as they are",
      escapes: "written with escapes or over several lines: change it by hand",
      "built-here": "the name of what is built there, not of what is pulled",
      "unknown-field": "a field that is not known to have an image",
      "inside-text": "stands inside a text: convert that text by itself",
      shared: "is used for something else as well: change it by hand",
      "needs-new-name": "has no `newName`: add one with the name of this proxy",
      syntax: "from here on the text could not be understood",
    },
    kinds: {
      dockerfile: "Dockerfile",
      compose: "compose file",
      kubernetes: "Kubernetes manifests",
      kustomize: "kustomization",
      values: "Helm values",
      image: "list of images",
      command: "list of images",
    },
    copy: "Copy",
    copied: "Copied",
    copyFailed: "Select it and copy by hand",

    convertedName: "The name here",
    convertedCommand: "The command",
    convertedText: "The text, converted",
    convertedCount: "{count} rewritten, {left} left as written ({kind})",
    convertedNone: "Nothing that could be rewritten ({kind})",
    convertedLeft: "Left as written",
    line: "line {line}:",
    tooLong: "That is longer than a million characters. Paste a part of it.",
    nothingFound: "There is no image in it that could be found.",
    notOneCommand:
      "There is more in it than the name of an image or a command that pulls one. Paste that alone.",
    check: "Check this image",

    checking: "Asking the proxy …",
    notAName: "That is not an image's name. Write one such as nginx:1.27 or ghcr.io/owner/image:tag.",
    notServed: "{registry} is not served by this proxy.",
    elsewhere: "This registry has another address here. Open its page to check the image.",
    found: "It is there, and can be pulled.",
    digest: "Digest",
    form: "Kind",
    platforms: "Platforms",
    platform: "Platform",
    size: "Compressed size",
    sizeValue: "{size} (layers: {count})",
    created: "Date",
    createdNote: "{date} UTC (as its publisher wrote it; many write 1970)",
    noDate: "none is written in it",
    pullIt: "Pull it",
    unreadable: "The answer of the proxy could not be understood.",
    tags: "Tags",
    tagsMore: "There are more than these.",
    tagsOdd: "Not shown, since their names are not tags: {count}",
    tagsNone: "The registry lists no tags.",
    loginHow: 'If it is yours, log in with docker (see "Log in, push") and pull it there.',
    retryAfter: "Try again in {seconds} s.",
    registrySays: "In the words of the answer: {message}",
  },
};
