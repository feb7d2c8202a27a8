import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface NumberedLine {
  /** From 1, as editors count. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

const lineBytesMax = 64 * 1024 * 1024;

/** The lines of a file, one in memory at a time. Compressed files are known by their first bytes (RFC 1952 §2.3.1). */
export async function* readLines(path: string): AsyncGenerator<NumberedLine> {
  const input = createReadStream(path, { highWaterMark: 256 * 1024 });
  const packed = await isGzip(input);
  // A failure of either stream reaches the loop below as a throw of the last one.
  const source = packed ? pipeline(input, createGunzip({ chunkSize: 256 * 1024 }), () => {}) : input;
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const bytes =
        rest.length === 0 ? chunk.subarray(start, end) : Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      restBytes = 0;
      start = end + 1;
      yield { number: ++number, bytes };
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (restBytes > lineBytesMax) throw new Error(`line ${number + 1} is longer than ${lineBytesMax} bytes`);
  }
  if (restBytes > 0) yield { number: ++number, bytes: Buffer.concat(rest) };
}

const newline = 0x0a;

/** Of what comes first, which is put back: a pipe cannot be read twice. */
async function isGzip(input: ReadStream): Promise<boolean> {
  await once(input, 'readable');
  const first: Buffer | null = input.read();
  if (first !== null) input.unshift(first);
  return first?.[0] === 0x1f && first[1] === 0x8b;
}
