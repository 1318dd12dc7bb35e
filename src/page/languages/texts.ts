// What every language has to say. A language that lacks a text does not compile.
//
// `{host}` and the like are filled in; what stands between two backticks is shown as code. Nothing else is markup.

import type { Kind, Reason } from "../convert/types.ts";

/** Texts of the page as the Worker renders it. */
export interface PageTexts {
  readonly title: string;
  readonly heading: string;
  readonly headingOne: string;
  readonly whatItIs: string;
  /** On a host of all registries, of another one alone, and of Docker Hub, whose name nobody writes. */
  readonly whatItIsOpen: string;
  readonly whatItIsOpenOne: string;
  readonly whatItIsOpenHub: string;
  readonly whatItIsClosed: string;
  readonly runBy: string;
  readonly runByNobody: string;
  readonly contact: string;
  readonly whatItIsNot: string;
  readonly language: string;
  readonly theme: string;
  readonly themeSystem: string;
  readonly themeLight: string;
  readonly themeDark: string;
  readonly project: string;

  readonly convertHeading: string;
  readonly convertLabel: string;
  readonly convertHint: string;
  readonly convertPrivacy: string;
  readonly needsScript: string;

  readonly recipesHeading: string;
  readonly tabDocker: string;
  readonly tabOllama: string;
  readonly tabMirror: string;
  readonly tabContainerd: string;
  readonly tabK3s: string;
  readonly tabPodman: string;
  readonly tabBuildkit: string;
  readonly tabFiles: string;
  readonly tabHelm: string;
  readonly tabLogin: string;
  readonly tabCopy: string;
  readonly dockerNote: string;
  readonly dockerForm: string;
  readonly dockerElsewhere: string;
  readonly mirrorNote: string;
  readonly mirrorThen: string;
  readonly mirrorLogin: string;
  readonly containerdNote: string;
  readonly containerdDefault: string;
  readonly containerdPull: string;
  readonly containerdLogin: string;
  readonly kubernetesNote: string;
  readonly k3sNote: string;
  readonly podmanNote: string;
  readonly podmanPull: string;
  readonly buildkitNote: string;
  readonly composeNote: string;
  readonly dockerfileNote: string;
  readonly helmNote: string;
  readonly loginNoteHub: string;
  readonly loginNoteOther: string;
  readonly loginNoteOne: string;
  readonly loginNoteOwn: string;
  readonly pushNote: string;
  readonly copyNote: string;
  readonly copySkopeo: string;

  readonly checkHeading: string;
  readonly checkLabel: string;
  readonly checkButton: string;
  readonly checkCost: string;
  readonly checkCostHub: string;

  readonly doorIntro: string;
  readonly doorLogin: string;
  readonly doorLoginNote: string;
  readonly doorAddress: string;
  readonly unknownTitle: string;
  readonly unknownIntro: string;
  readonly unknownVisitor: string;
  readonly unknownOwner: string;
  readonly unknownThere: string;
}

/** Texts of the page's script in the browser. */
export interface ScriptTexts {
  /** What is wrong with an image, by the status of the answer; `name` and `tag` are what a 404 is of where that is known, `network` is no answer. */
  readonly problems: Readonly<
    Record<"401" | "403" | "404" | "429" | "502" | "503" | "name" | "tag" | "network" | "other", string>
  >;
  /** What a reference can stand for. */
  readonly forms: Readonly<Record<"artifact" | "image" | "index", string>>;
  /** Why an image stays as it is. */
  readonly reasons: Readonly<Record<Reason, string>>;
  /** What a text was taken for. */
  readonly kinds: Readonly<Record<Kind, string>>;
  readonly copy: string;
  readonly copied: string;
  readonly copyFailed: string;

  readonly convertedName: string;
  readonly convertedCommand: string;
  readonly convertedText: string;
  readonly convertedCount: string;
  readonly convertedNone: string;
  readonly convertedLeft: string;
  readonly line: string;
  readonly tooLong: string;
  readonly nothingFound: string;
  readonly notOneCommand: string;
  readonly check: string;

  readonly checking: string;
  readonly notAName: string;
  readonly notServed: string;
  readonly elsewhere: string;
  readonly found: string;
  readonly digest: string;
  readonly form: string;
  readonly platforms: string;
  readonly platform: string;
  readonly size: string;
  readonly sizeValue: string;
  readonly created: string;
  readonly createdNote: string;
  readonly noDate: string;
  readonly pullIt: string;
  readonly unreadable: string;
  readonly tags: string;
  readonly tagsMore: string;
  readonly tagsOdd: string;
  readonly tagsNone: string;
  readonly loginHow: string;
  readonly retryAfter: string;
  readonly registrySays: string;
}

/** A language of the page. */
export interface Language {
  /** As `lang` has it (BCP 47): `zh-CN`. */
  readonly tag: string;
  /** What it calls itself. */
  readonly name: string;
  /** What stands between two sentences. */
  readonly between: string;
  readonly page: PageTexts;
  readonly script: ScriptTexts;
}
