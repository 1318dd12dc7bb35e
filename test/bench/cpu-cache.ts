// The service behind the Cache API of the CPU benchmark, as a process.

import { startCacheService } from "./cache-service.ts";
import { answerParent } from "./cpu-backend.ts";

/** `count`: how many things of that size are kept. `clear`: forgets all. */
export type CacheQuestion = "port" | "clear" | { readonly count: number };

const cache = await startCacheService();
answerParent((asked): number => {
  const question = asked as CacheQuestion;
  if (question === "port") return cache.port;
  if (question === "clear") {
    cache.clear();
    return 0;
  }
  return cache.sizes().filter((size) => size === question.count).length;
});
