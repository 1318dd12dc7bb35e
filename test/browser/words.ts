// What the page says in each language, as people read it: written here once more, so that a text that goes missing is missed.

import type { LanguageTag } from "./visit.ts";

export interface Words {
  readonly copied: string;
  readonly copyByHand: string;
  readonly found: string;
  readonly platforms: string;
  readonly size: string;
  readonly date: string;
  readonly noDate: string;
  readonly tags: string;
  readonly notAName: string;
  readonly notServed: string;
  readonly elsewhere: string;
  readonly unreadable: string;
  readonly login: string;
  readonly noTag: string;
  readonly noImage: string;
  readonly garbled: string;
  readonly limited: string;
  readonly later: string;
  readonly down: string;
  readonly network: string;
  readonly oddTags: string;
  readonly moreTags: string;
  readonly counted: string;
  readonly line2: string;
  readonly needsScript: string;
}

export const WORDS: Readonly<Record<LanguageTag, Words>> = {
  en: {
    copied: "Copied",
    copyByHand: "Select it and copy by hand",
    found: "It is there, and can be pulled.",
    platforms: "Platforms",
    size: "Compressed size",
    date: "Date",
    noDate: "none is written in it",
    tags: "Tags",
    notAName: "That is not an image's name.",
    notServed: "registry.gitlab.com is not served by this proxy.",
    elsewhere: "This registry has another address here.",
    unreadable: "The answer of the proxy could not be understood.",
    login: "log in with docker",
    noTag: "The image exists, but not this tag or digest.",
    noImage: "There is no image of that name.",
    garbled: "What the registry answered cannot be passed on.",
    limited: "The registry has had too many requests",
    later: "Try again in 77 s.",
    down: "The registry does not answer",
    network: "The proxy could not be reached from this browser.",
    oddTags: "Not shown, since their names are not tags",
    moreTags: "There are more than these.",
    counted: "2 rewritten, 2 left as written (Dockerfile)",
    line2: "line 2",
    needsScript: "This needs JavaScript.",
  },
  "zh-CN": {
    copied: "已复制",
    copyByHand: "已选中，请手动复制",
    found: "镜像存在，可以拉取。",
    platforms: "支持的平台",
    size: "压缩后大小",
    date: "创建时间",
    noDate: "未填写",
    tags: "标签",
    notAName: "这不是镜像名。",
    notServed: "本站不提供 registry.gitlab.com。",
    elsewhere: "该仓库在本代理的另一个地址上",
    unreadable: "无法解析本站返回的响应。",
    login: "请先执行 docker login 再拉取",
    noTag: "没有这个标签或摘要",
    noImage: "没有这个名称的镜像。",
    garbled: "镜像仓库返回的内容有误，无法转发。",
    limited: "暂时被限流",
    later: "请在 77 秒后重试。",
    down: "仓库没有响应",
    network: "浏览器无法连接到代理。",
    oddTags: "个名称不是合法标签",
    moreTags: "还有更多标签未列出。",
    counted: "已改写 2 处，保留原样 2 处（Dockerfile）",
    line2: "第 2 行",
    needsScript: "此功能需要启用 JavaScript",
  },
};

export const LANGUAGES: readonly LanguageTag[] = ["en", "zh-CN"];
