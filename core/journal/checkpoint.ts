import { base64, fromBase64 } from './bytes.ts';
import { hashBytes } from './merkle.ts';

/** The text of a checkpoint, C2SP tlog-checkpoint v1.0.0: origin, size and root. It is carried by a signed note. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${base64(root)}\n`;
}

/** Undefined unless `text` is a checkpoint without extension lines, which this log never writes. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n');
  const hash = fromBase64(root);
  if (origin === '' || !/^(0|[1-9][0-9]{0,15})$/.test(size) || hash?.length !== hashBytes) return undefined;
  if (rest.length !== 1 || rest[0] !== '' || !Number.isSafeInteger(Number(size))) return undefined;
  return { origin, size: Number(size), root: hash };
}
