// The Worker over a bucket with a meter: R2's operations are counted as they are billed. Deployed by the benchmark only.

/** Under this host the counts are read. */
export const METER_HOST = "meter.localhost";

type Operation = "put" | "get" | "head" | "delete" | "createMultipartUpload";
type Bucket = Record<Operation, (...words: unknown[]) => unknown>;

/** How often each operation was called in this isolate's life. */
export type Operations = Record<Operation, number>;

interface Environment {
  readonly BLOBS: Bucket;
}

interface Worker {
  fetch(request: Request, env: Environment, context: unknown): Response | Promise<Response>;
}

const operations: Operations = { put: 0, get: 0, head: 0, delete: 0, createMultipartUpload: 0 };
/** One for each environment: the Worker reads its configuration once for each. */
const metered = new WeakMap<Environment, Environment>();

/** The same Worker, whose bucket counts. */
export function withMeter(worker: Worker): Worker {
  return {
    fetch(request, env, context) {
      if (new URL(request.url).hostname === METER_HOST) return Response.json(operations);
      const known = metered.get(env) ?? { ...env, BLOBS: counting(env.BLOBS) };
      metered.set(env, known);
      return worker.fetch(request, known, context);
    },
  };
}

function counting(bucket: Bucket): Bucket {
  const count =
    (operation: Operation): Bucket[Operation] =>
    (...words) => {
      operations[operation] += 1;
      return bucket[operation](...words);
    };
  return {
    put: count("put"),
    get: count("get"),
    head: count("head"),
    delete: count("delete"),
    createMultipartUpload: count("createMultipartUpload"),
  };
}
