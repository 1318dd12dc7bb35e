// Manifests of public images by the owner's account: a registry counts their GETs, and an account has a limit of its own.
// Only what an anonymous answer confirmed a moment ago is fetched so, and it is public then (S12).

import { RegistryError } from "../../distribution/errors.ts";
import type { Digest } from "../../distribution/reference.ts";
import { discardBody } from "../../distribution/body.ts";
import { remember } from "../../isolate.ts";
import { PublicResponse } from "../../upstream/anonymous.ts";
import { OwnerResponse, ownerOf, type Owner } from "../../upstream/owner.ts";
import { askRegistry } from "./ask.ts";
import { discard, questionOf } from "./asked.ts";
import { isConfirmed } from "./confirmations.ts";
import { contentResponse } from "./content.ts";
import type { ContentLane } from "./lane.ts";
import { readFitting } from "./manifest-answer.ts";
import { keepManifest, toContent } from "./manifest-shelf.ts";
import { wasLimited } from "./pauses.ts";

/**
 * What an account has left: of a registry that says nothing of it none of none, and of infinitely many before anybody knows.
 */
interface Quota {
  readonly limit: number;
  readonly remaining: number;
  /** Until when it counts. */
  readonly until: number;
}

/** The window of Docker Hub is six hours: what an account has left is asked anew before. */
const QUOTA_MS = 60 * 60 * 1000;
/** While the first answer that says it is on its way, nobody else asks by the account. */
const UNKNOWN_MS = 10_000;

/** What an account was last said to have left, by its identity. */
const quotas = remember<string, Quota>(64);

/**
 * Fetches a manifest by the owner's account. In a closed proxy always, where there is an account; in an open one, where
 * strangers could spend it, only while the registry limits us, and not of the account's last half.
 * @returns undefined where the account is not to be used, or is no help
 */
export async function fetchByAccount(lane: ContentLane, digest: Digest): Promise<Response | undefined> {
  const { config, context, errand } = lane;
  const { registry } = errand;
  const account = lane.owner === undefined ? config.access.accounts.get(registry.name) : undefined;
  if (account === undefined) return undefined;
  const isClosed = errand.inbound.caller.kind === "guest";
  if (!isClosed && !wasLimited(lane)) return undefined;
  const owner = await ownerOf(account, config.access.tokenKey);
  if (!isClosed && !hasHalfLeft(owner)) return undefined;
  if (!(await confirm(lane, digest))) return undefined;
  const { repository } = lane;
  const question = questionOf(repository, { kind: "manifest", digest }, "GET");
  if (!isClosed && !takeOfHalf(owner)) return undefined;
  let answer: OwnerResponse;
  try {
    answer = await OwnerResponse.fetch({ ...question, registry, repository }, owner, context);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    // Nobody's tokens may do all the same; the log says why the account did not.
    context.trace.problem = error.problem;
    return undefined;
  }
  noteQuota(owner, answer);
  if (answer.response.status !== 200) {
    await discardBody(answer.response);
    return undefined;
  }
  // It proves nothing, which the anonymous answer did that confirmed the digest; and what is not that digest is nobody's but
  // the owner's.
  const confirmed = PublicResponse.ofConfirmed(answer, isClosed);
  const content = await readFitting(confirmed, digest);
  if (content === undefined) return undefined;
  await keepManifest(lane, digest, content, confirmed);
  return contentResponse(lane, toContent(digest, content), "miss", confirmed.followed.registryHeaders);
}

/** True where an anonymous answer said a moment ago that the registry has the digest; it is asked where none did. */
async function confirm(lane: ContentLane, digest: Digest): Promise<boolean> {
  if (isConfirmed(lane, digest)) return true;
  const question = questionOf(lane.repository, { kind: "manifest", digest }, "HEAD");
  const asked = await askRegistry(lane, question, false);
  await discard(asked);
  // What shows no manifest of that digest is "other".
  return asked.kind === "found";
}

/** `RateLimit-Limit: 200;w=21600` and `RateLimit-Remaining: 180;w=21600`, as Docker Hub says it with each manifest. */
function noteQuota({ identity }: Owner, { followed, response }: OwnerResponse): void {
  const [limit = NaN, remaining = NaN] = ["RateLimit-Limit", "RateLimit-Remaining"].map((name) =>
    Number.parseInt(followed.registryHeaders.get(name) ?? "", 10),
  );
  const known = quotaOf(identity);
  const until = Date.now() + QUOTA_MS;
  if (limit > 0 && remaining >= 0) {
    // Answers overtake each other: of what several say within its time, the least counts.
    const isSame = known?.limit === limit;
    const left = isSame ? Math.min(known.remaining, remaining) : remaining;
    quotas.set(identity, { limit, remaining: left, until: isSame ? known.until : until });
  } else if (response.status === 200 && (known === undefined || known.limit === Infinity)) {
    quotas.set(identity, { limit: 0, remaining: 0, until });
  }
}

function quotaOf(identity: string): Quota | undefined {
  const quota = quotas.get(identity);
  return quota !== undefined && Date.now() < quota.until ? quota : undefined;
}

function hasHalfLeft({ identity }: Owner): boolean {
  const quota = quotaOf(identity);
  return quota === undefined || quota.remaining * 2 >= quota.limit;
}

/** Counts a request before it is sent: of many at once each takes its own. @returns false where the half is spent */
function takeOfHalf(owner: Owner): boolean {
  if (!hasHalfLeft(owner)) return false;
  const quota = quotaOf(owner.identity) ?? { limit: Infinity, remaining: 1, until: Date.now() + UNKNOWN_MS };
  quotas.set(owner.identity, { ...quota, remaining: Math.max(0, quota.remaining - 1) });
  return true;
}
