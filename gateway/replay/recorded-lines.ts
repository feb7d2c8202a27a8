import { whyUnread } from './fault.ts';
import { readLines } from './read-lines.ts';

/** A line of a file of trajectories, unread. */
export interface RecordedLine {
  readonly kind: 'recorded';
  readonly file: string;
  /** From 1, as editors count. */
  readonly line: number;
  readonly bytes: Uint8Array;
}

/** What could not be used: a line, or a whole file. */
export interface ReplayLineFault {
  readonly kind: 'fault';
  readonly file: string;
  /** From 1; 0 where the file itself could not be read. */
  readonly line: number;
  readonly field: string;
  readonly why: string;
}

/** The lines of these files in order, without blank ones. A file that cannot be read, or not to its end, is a fault in its place. */
export async function* recordedLines(files: readonly string[]): AsyncGenerator<RecordedLine | ReplayLineFault> {
  for (const file of files) {
    let line = 0;
    try {
      for await (const { number, bytes } of readLines(file)) {
        line = number;
        if (!isBlank(bytes)) yield { kind: 'recorded', file, line, bytes };
      }
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      yield { kind: 'fault', file, line, field: '', why: `the file could not be read: ${whyUnread(thrown)}` };
    }
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
