// The doctor's steps, in the order in which a client takes them. Each ends in a finding; what cannot go on ends the list.

import { ALL_KNOWN_WORDS } from "../../src/distribution/accept.ts";
import { isScheme, parseChallenges, type Challenge } from "../../src/distribution/challenge.ts";
import { messageOf, notOurs, notOurToken, refusal, tokenIn, type Answer } from "./answers.ts";
import { isThisMachine, type Image, type Question } from "./arguments.ts";
import { Asker, Silence } from "./ask.ts";
import { asFoundHere, failed, LOG, LOG_HERE, ok, WITH_IMAGE, type Finding } from "./finding.ts";
import { exampleFor } from "./image.ts";
import { logIn } from "./login.ts";
import { verify } from "./verify.ts";
import { findName, shakeHands, type Handshake } from "./reach.ts";

/** What a diagnosis has beside its question. */
export interface Means {
  /** `[vars.ROUTES]` of the owner's file. */
  readonly routes: unknown;
  /** Asked only where a login is to be tried. */
  readonly password: () => Promise<string>;
  readonly handshake?: Handshake;
  readonly timeoutMs?: number;
  /** Whether the proxy is `npm start` on this machine; tests play others here. */
  readonly isHere?: boolean;
}

/** Looks at a host step by step. @returns findings as they are made; the last one that failed ends them */
export async function* diagnose(question: Question, means: Means): AsyncGenerator<Finding> {
  const { isHere = isThisMachine(question.origin.hostname) } = means;
  for await (const finding of examine(question, means)) yield isHere ? asFoundHere(finding) : finding;
}

async function* examine(question: Question, means: Means): AsyncGenerator<Finding> {
  const { origin } = question;
  if (!isThisMachine(origin.hostname)) {
    const name = await findName(origin.hostname.replace(/^\[|\]$/g, ""));
    yield name;
    if (!name.isOk) return;
  }
  if (origin.protocol === "https:") {
    const tls = await shakeHands(origin, means.handshake);
    yield tls;
    if (!tls.isOk) return;
  }
  try {
    yield* converse(question, means, new Asker(origin, means.timeoutMs));
  } catch (error) {
    if (!(error instanceof Silence)) throw error;
    yield failed(
      "answer",
      error.message,
      "ask again in a moment; npx wrangler tail shows whether the question arrived",
      /could not be reached/.test(error.message)
        ? "nothing listens there: is `npm start` running on that port?"
        : "ask again in a moment; the terminal of `npm start` shows whether the question arrived",
    );
  }
}

async function* converse(question: Question, means: Means, asker: Asker): AsyncGenerator<Finding> {
  const ping = await asker.ask("/v2/");
  const foreign = notOurs("/v2/", ping);
  if (foreign !== undefined || ![200, 401, 403].includes(ping.status)) {
    yield foreign ?? refusal("/v2/", ping);
    return;
  }
  if (ping.status === 403) {
    yield closed(ping, "it takes no logins from here: ALLOWED_IPS, ALLOWED_COUNTRIES or a key lets in");
    return;
  }
  yield ok("/v2/", `${ping.status}, the proxy's`);
  const challenge = parseChallenges(ping.headers.get("WWW-Authenticate")).find((one) =>
    isScheme(one, "bearer"),
  );
  if (ping.status === 401) {
    const judged = judgeChallenge(challenge, asker.origin);
    yield judged;
    if (!judged.isOk) return;
  }
  const image = question.image ?? (await chooseImage(challenge, means, asker));
  if (image === undefined) {
    yield failed(
      "image",
      "nobody can tell which registry is behind this host",
      `name an image behind the address: ${WITH_IMAGE}`,
    );
    return;
  }
  const { finding, token } = ping.status === 401 ? await getToken(image, question, means, asker) : NO_TOKEN;
  if (finding !== undefined) yield finding;
  if (finding?.isOk !== false && token !== undefined) yield* pull(image, token, asker);
}

/** Where `/v2/` asks for nothing, no token is asked for. */
const NO_TOKEN = { finding: undefined, token: "" };

function closed(answer: Answer, how: string): Finding {
  const said = messageOf(answer);
  return /country/.test(said)
    ? refusal("/v2/", answer)
    : ok(
        "access",
        `${answer.status}: the proxy is closed, as its owner wants it, and ${how} (it says: ${said})`,
      );
}

function judgeChallenge(challenge: Challenge | undefined, origin: URL): Finding {
  const realm = challenge?.parameters.get("realm") ?? "";
  if (realm === `${origin.origin}/v2/auth`) return ok("challenge", `tokens are had at ${realm}`);
  return failed(
    "challenge",
    realm === "" ? "401 without a realm" : `tokens are had at ${realm}, and not at ${origin.origin}/v2/auth`,
    "clients would ask elsewhere: something between here and the proxy changes the host, the port or https",
  );
}

async function chooseImage(
  challenge: Challenge | undefined,
  { routes }: Means,
  asker: Asker,
): Promise<Image | undefined> {
  const { host, hostname } = asker.origin;
  const registries = namesIn(await asker.ask("/healthz"));
  return exampleFor({
    hostname,
    routes,
    registries,
    isUniversal: challenge?.parameters.get("service") === host,
  });
}

function namesIn({ body }: Answer): string[] {
  try {
    const { registries } = JSON.parse(new TextDecoder().decode(body)) as { registries?: unknown };
    return Array.isArray(registries)
      ? registries.filter((name) => typeof name === "string").slice(0, 100)
      : [];
  } catch {
    return [];
  }
}

interface Got {
  readonly finding: Finding;
  /** Undefined where nothing more is to be asked. */
  readonly token?: string;
}

/** A token as nobody; in a closed proxy one for a login, where there is to be one. */
async function getToken(image: Image, question: Question, means: Means, asker: Asker): Promise<Got> {
  const scope = `repository:${image.repository}:pull`;
  const path = `/v2/auth?${new URLSearchParams({ service: asker.origin.host, scope }).toString()}`;
  const answer = await asker.ask(path);
  const foreign = notOurToken("token", answer);
  if (foreign !== undefined) return { finding: foreign };
  if (answer.status === 200) {
    const token = tokenIn(answer);
    if (token === undefined) {
      return {
        finding: failed("token", "200 without a token", LOG, LOG_HERE),
      };
    }
    const aside =
      question.user === undefined ? "" : ". The proxy is open: --user was left aside, and no password sent";
    return { finding: ok("token", `one for everybody${aside}`), token };
  }
  if (answer.status !== 401 && answer.status !== 403) return { finding: refusal("token", answer) };
  if (question.user === undefined) {
    return { finding: closed(answer, "people with a password get in; --user name tries a login") };
  }
  return logIn(asker, { user: question.user, password: await means.password() }, path);
}

/** The manifest by HEAD, by GET, and by GET again. */
async function* pull({ reference, repository }: Image, token: string, asker: Asker): AsyncGenerator<Finding> {
  const path = `/v2/${repository}/manifests/${reference}`;
  const how = { accept: ALL_KNOWN_WORDS, authorization: token === "" ? undefined : `Bearer ${token}` };
  const name = `${repository}:${reference}`;
  const head = await asker.ask(path, { ...how, method: "HEAD" });
  // A HEAD says why it was refused by its status alone: the GET's body has the words.
  const answer = await asker.ask(path, how);
  const foreign = notOurs("manifest", answer);
  if (foreign !== undefined || answer.status !== 200) {
    yield foreign ?? refusal("manifest", answer, name);
    return;
  }
  if (head.status !== 200) {
    yield failed(
      "manifest",
      `${head.status} to HEAD and 200 to GET, for ${name}`,
      "something between here and the proxy treats HEAD in its own way",
    );
    return;
  }
  const verified = await verify(answer, name);
  yield verified;
  if (!verified.isOk) return;
  const again = await asker.ask(path, how);
  const [first, second] = [answer, again].map(({ headers }) => headers.get("X-Cache") ?? "none");
  yield again.status === 200
    ? ok(
        "cache",
        `X-Cache: ${first}, then ${second}${second === "hit" ? "" : " (a hit comes from the second ask on, where it is kept)"}`,
      )
    : refusal("cache", again);
}
