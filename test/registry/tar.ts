// A minimal, deterministic ustar writer for layers.
import { createCipheriv, createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const BLOCK = 512;

export interface TarEntry {
  path: string;
  /** Absent: a directory. */
  content?: Buffer;
}

/** A tar archive with every time and owner zero. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content }) => {
    const body = content ?? Buffer.alloc(0);
    const padding = Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK);
    return [header(path, body.length, content === undefined), body, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number, directory: boolean): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write(directory ? "0000755\0" : "0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("        ", 148);
  block.write(directory ? "5" : "0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** gzip without the operating system's name in byte 9, so that digests are the same everywhere. */
export function gzip(bytes: Buffer): Buffer {
  const compressed = gzipSync(bytes, { level: 1 });
  compressed[9] = 255;
  return compressed;
}

/** Bytes that look random, do not compress, and follow from the seed. */
export function seededBytes(seed: string, size: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-128-ctr", key.subarray(0, 16), key.subarray(16));
  return cipher.update(Buffer.alloc(size));
}
