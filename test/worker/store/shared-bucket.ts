// The owner's bucket, by hand, for several data centres: it drops, fails and is late when it is told to, thing by thing.
import { fromNetwork } from "../ferry.ts";
import { time, type Fault, type Kind } from "./data-centre.ts";

interface Kept {
  readonly kind: Kind;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly customMetadata: Readonly<Record<string, string>>;
}

interface PutOptions {
  readonly customMetadata?: Readonly<Record<string, string>>;
}

export class SharedBucket {
  readonly #kept = new Map<string, Kept>();
  readonly #faults = new Map<Kind, Fault>();
  /** What lies under a key, or lay there, or would. */
  readonly #kinds = new Map<string, Kind>();
  /** Called with what was written or deleted indeed. */
  meet: (what: "write" | "delete", kind: Kind) => void = () => undefined;

  /** What the Worker finds as `BLOBS`. */
  readonly binding = {
    head: async (key: string): Promise<unknown> => {
      const kept = await this.#read(key);
      return kept && objectOf(key, kept);
    },
    get: async (
      key: string,
      options: { range?: { offset: number; length: number } } = {},
    ): Promise<unknown> => {
      const kept = await this.#read(key);
      if (kept === null) return null;
      const { offset = 0, length = Infinity } = options.range ?? {};
      const body = fromNetwork(new Response(kept.bytes.slice(offset, offset + length)));
      return { ...objectOf(key, kept), body: body.body, text: () => body.text() };
    },
    put: async (key: string, value: BodyInit, { customMetadata = {} }: PutOptions): Promise<unknown> => {
      const bytes = new Uint8Array(await new Response(value).arrayBuffer());
      const kind = (customMetadata["kind"] ?? kindOf(bytes)) as Kind;
      this.#kinds.set(key, kind);
      if (this.#faults.get(kind)?.writes === "fail") throw new Error("the bucket fails");
      this.#kept.set(key, { kind, bytes, customMetadata });
      this.meet("write", kind);
      return {};
    },
    delete: (key: string): Promise<void> => {
      const kind = this.#kinds.get(key);
      if (kind === undefined) return Promise.resolve();
      if (this.#faults.get(kind)?.deletes === "fail") return Promise.reject(new Error("the bucket fails"));
      this.#kept.delete(key);
      this.meet("delete", kind);
      return Promise.resolve();
    },
    createMultipartUpload: (): never => {
      throw new Error("nobody needs it");
    },
  };

  /** Empty, and in no trouble. @param addresses of things that may be asked for before they are there */
  restart(addresses: ReadonlyMap<string, Kind>): void {
    for (const map of [this.#kept, this.#faults, this.#kinds]) map.clear();
    for (const [key, kind] of addresses) this.#kinds.set(key, kind);
  }

  fail(kind: Kind, fault: Fault): void {
    this.#faults.set(kind, fault);
  }

  faultOf(kind: Kind): Fault {
    return this.#faults.get(kind) ?? {};
  }

  drop(kind: Kind): void {
    for (const [key, kept] of this.#kept) if (kept.kind === kind) this.#kept.delete(key);
  }

  /** The words of a record, where there is but one of its kind. */
  wordsOf(kind: Kind): Readonly<Record<string, string>> | undefined {
    const kept = [...this.#kept.values()].find((one) => one.kind === kind);
    return kept && (JSON.parse(new TextDecoder().decode(kept.bytes)) as Record<string, string>);
  }

  async #read(key: string): Promise<Kept | null> {
    const kind = this.#kinds.get(key);
    const fault = kind && this.#faults.get(kind)?.reads;
    if (fault === "fail") throw new Error("the bucket fails");
    if (fault === "late") await time.outlast();
    return this.#kept.get(key) ?? null;
  }
}

function objectOf(key: string, { bytes, customMetadata }: Kept): Record<string, unknown> {
  return { key, size: bytes.byteLength, customMetadata };
}

function kindOf(bytes: Uint8Array): string | undefined {
  return (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>)["kind"];
}
