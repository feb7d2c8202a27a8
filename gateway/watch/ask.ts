import { outsideMillisMax } from '../identity/outside.ts';

/** Somebody outside could not say whether something is still there. The message holds no secret. */
export class WatchFault extends Error {
  override readonly name = 'WatchFault';
}

export interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM of the authority to trust instead of the usual ones. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
  /** Each line of the answer as it comes, where the answer is a stream; undefined: one JSON object. */
  readonly onLine?: (value: unknown) => void;
  /** A stream that says nothing for so long is broken. */
  readonly silentMillisMax?: number;
}

const lineCharsMax = 4 * 2 ** 20;

/** One GET. `status` and, if it is 200, the JSON that came; redirects are not followed. Rejects with `WatchFault`. */
export async function ask(asked: Asked): Promise<{ readonly status: number; readonly body: unknown }> {
  const { url, headers, ca, signal, onLine, silentMillisMax = outsideMillisMax } = asked;
  const { request } = await (new URL(url).protocol === 'https:' ? import('node:https') : import('node:http'));
  return await new Promise((resolve, reject) => {
    const options = { agent: false, signal, timeout: silentMillisMax, headers, ...(ca === undefined ? {} : { ca }) };
    const req = request(url, options, res => {
      const status = res.statusCode ?? 0;
      let text = '';
      const take = (line: string): void => {
        if (line.trim() !== '') onLine?.(parsed(line));
      };
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > lineCharsMax) return void req.destroy(new Error('too large'));
        if (onLine === undefined || status !== 200) return;
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        try {
          for (const line of lines) take(line);
        } catch (thrown) {
          req.destroy(thrown as Error);
        }
      });
      res.on('end', () => {
        try {
          resolve({ status, body: status === 200 && onLine === undefined ? parsed(text) : undefined });
        } catch (thrown) {
          reject(thrown as Error);
        }
      });
      res.on('error', () => reject(new WatchFault('its answer ended early')));
    });
    req.on('timeout', () => req.destroy(new WatchFault(`it said nothing for ${silentMillisMax} ms`)));
    req.on('error', thrown =>
      reject(thrown instanceof WatchFault ? thrown : new WatchFault('it could not be reached')),
    );
    req.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WatchFault('its answer is not JSON');
  }
}

/** A member of what may be an object. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, name) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, name)
        ? (node as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}
