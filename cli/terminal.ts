import { createInterface } from 'node:readline/promises';
import { fitted } from './format/fit.ts';

/** Everything a command may see of the place it runs in. Standard output is data, standard error is for people. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whole standard input; for `-` arguments. */
  readonly input: () => Promise<string>;
  /** A person sits there: both standard input and standard error are a terminal. */
  readonly isInteractive: boolean;
  /** Standard error can rewrite a line. */
  readonly isLive: boolean;
  /** Standard output is a terminal, and not read by a program. */
  readonly isShown: boolean;
  readonly hasColour: boolean;
  /** Columns of standard output, now. */
  readonly width: number;
  /** Lines of standard output, now. */
  readonly height: number;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks a person; only where `isInteractive`. */
  readonly ask: (question: string) => Promise<string>;
  /** Each key as it is pressed, without waiting for a line; only where `isInteractive`. Ends with the terminal. */
  readonly keys: () => AsyncIterable<string>;
}

const widthDefault = 120;
const heightDefault = 40;

/** The terminal of this process. Colour only on a terminal and without `NO_COLOR` (https://no-color.org). */
export function processTerminal(signal: AbortSignal): Terminal {
  const { env, stdin, stdout, stderr } = process;
  return {
    out: text => void stdout.write(fittedTo(stdout, text)),
    err: text => void stderr.write(fittedTo(stderr, text)),
    input: () => readAll(stdin),
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    isLive: stderr.isTTY === true,
    isShown: stdout.isTTY === true,
    hasColour: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    get width() {
      return stdout.columns ?? stated(env.COLUMNS) ?? widthDefault;
    },
    get height() {
      return stdout.rows ?? heightDefault;
    },
    env,
    cwd: process.cwd(),
    signal,
    ask: async question => {
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question(`${fittedTo(stderr, question.trimEnd())} `, { signal });
      } finally {
        lines.close();
      }
    },
    keys: () => keysOf(stdin, signal),
  };
}

/** What the environment says where there is no terminal (POSIX.1-2024, 8.3 "Other Environment Variables"). */
function stated(columns: string | undefined): number | undefined {
  return columns !== undefined && /^[1-9]\d{0,3}$/.test(columns) ? Number(columns) : undefined;
}

function fittedTo({ isTTY, columns }: NodeJS.WriteStream, text: string): string {
  return isTTY === true && columns > 0 ? fitted(text, columns) : text;
}

/** A question that is asked in between gets its line: raw mode is on only while a key is waited for. */
async function* keysOf(stdin: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<string> {
  while (!signal.aborted) {
    stdin.setRawMode(true);
    stdin.resume();
    const chunk = await new Promise<Buffer | undefined>(resolve => {
      const end = (): void => resolve(undefined);
      stdin.once('data', resolve);
      stdin.once('end', end);
      signal.addEventListener('abort', end, { once: true });
    });
    stdin.setRawMode(false);
    stdin.pause();
    if (chunk === undefined) return;
    for (const key of String(chunk)) yield key;
  }
}

const inputBytesMax = 4 * 2 ** 20;

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > inputBytesMax) throw new Error(`standard input is larger than ${inputBytesMax / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
