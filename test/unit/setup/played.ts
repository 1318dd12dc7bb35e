// An owner at a terminal, and an account, as setup's conversation meets them.
import type { OwnersFile } from "../../../scripts/setup/file.ts";
import type { Ended, World } from "../../../scripts/setup/world.ts";
import { readArguments } from "../../../scripts/setup/arguments.ts";
import { setUp } from "../../../scripts/setup/run.ts";

/** What is played, and what was seen of it. */
export interface Played {
  text: string;
  /** False where setup said that something is left to be done. */
  ended: boolean;
  /** Everything that was printed, questions too. */
  readonly said: string[];
  /** wrangler's words, and its input behind an arrow where it had some. */
  readonly started: string[];
  readonly writes: string[];
  deployments: number;
  pauses: number;
}

/** How the world is. */
export interface Setting {
  /** Answers by what the question has in it, the first that fits; no other question may be asked. Undefined: nobody is there. */
  readonly answers?: readonly (readonly [question: string, answer: string])[];
  /** What wrangler says, by the beginning of its words; anything else succeeds in silence. */
  readonly account?: Readonly<Record<string, Partial<Ended>>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly deploys?: boolean;
  readonly hasToken?: boolean;
  /** Takes what is printed, also where setup throws. */
  readonly told?: string[];
  /** What is wrong with a host, one after the other; then nothing. */
  readonly failures?: readonly string[];
}

export const LOGGED_IN = {
  "whoami --json": { stdout: '{"loggedIn":true,"accounts":[{"name":"Mine","id":"0"}]}' },
  "secret list": { stdout: "[]" },
};

/** Runs setup on a file. @throws what setup throws */
export async function play(text: string, words: readonly string[], setting: Setting = {}): Promise<Played> {
  const played: Played = { text, ended: false, said: [], started: [], writes: [], deployments: 0, pauses: 0 };
  played.ended = await setUp(readArguments(words), worldOf(played, setting));
  return played;
}

export function worldOf(played: Played, setting: Setting): World {
  const { account = {}, answers, deploys = true, failures = [], hasToken = false, secrets = {} } = setting;
  const left = [...failures];
  const asked = [...(answers ?? [])];
  const say = (line: string): void => {
    played.said.push(line);
    setting.told?.push(line);
  };
  const file: OwnersFile = {
    read: () => played.text,
    replace(before, after) {
      if (before !== played.text) throw new Error("the file was another one");
      played.text = after;
      played.writes.push(after);
    },
  };
  return {
    file,
    secrets,
    hasAccountId: false,
    hasToken,
    terminal: {
      isInteractive: answers !== undefined,
      say,
      complain: say,
      ask(question) {
        say(question);
        const at = asked.findIndex(([part]) => question.includes(part));
        const [found] = at === -1 ? [] : asked.splice(at, 1);
        if (found === undefined) throw new Error(`nobody answers: ${question}`);
        return Promise.resolve(found[1]);
      },
      askHidden: () => Promise.reject(new Error("setup asks for no password")),
      release: () => undefined,
    },
    wrangler(words, input) {
      const line = words.join(" ");
      played.started.push(input === undefined ? line : `${line} <- ${input}`);
      const [, said = {}] = Object.entries(account).find(([start]) => line.startsWith(start)) ?? [];
      const { code = 0, stdout = "", output = stdout } = said;
      return Promise.resolve({ code, stdout, output });
    },
    deploy() {
      played.deployments += 1;
      return Promise.resolve(deploys);
    },
    examine: () => Promise.resolve(left.shift()),
    pause() {
      played.pauses += 1;
      return Promise.resolve();
    },
  };
}
