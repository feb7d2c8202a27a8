export interface OutsideRequest {
  readonly url: string;
  readonly bytesMax: number;
  /** PEM of the authority to trust instead of the usual ones. */
  readonly ca?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Shared by questions that follow from one another, so that together they take no longer than one may. */
  readonly signal?: AbortSignal;
}

/** Every wait for somebody outside ends after this. */
export const outsideMillisMax = 2_000;

const tooSlow = `it did not answer within ${outsideMillisMax} ms`;

/** Something outside did not answer as it has to. The message holds neither address nor answer. */
class OutsideError extends Error {
  override readonly name = 'OutsideError';
}

/** The text of a 200 answer. Redirects are not followed: whoever can redirect would decide whose keys are used. */
export function fetchText(asked: OutsideRequest): Promise<string> {
  const url = new URL(asked.url);
  // Taken when it is needed, and not by `import`, which would load Node's own fetch and HTTP/2 as well.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new OutsideError(why));
      req.destroy();
    };
    const options = {
      agent: false,
      headers: { accept: 'application/json', ...asked.headers },
      ...(asked.ca === undefined ? {} : { ca: asked.ca }),
    };
    const req = request(url, options, res => {
      if (res.statusCode !== 200) return fail(`it answered ${res.statusCode}`);
      const chunks: Buffer[] = [];
      let size = 0;
      res.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > asked.bytesMax) fail(`its answer is larger than ${asked.bytesMax} bytes`);
        else chunks.push(chunk);
      });
      res.on('end', () => {
        clearTimeout(timer);
        if (res.complete) resolve(Buffer.concat(chunks).toString('utf8'));
        else fail('its answer ended early');
      });
      res.on('error', () => fail('its answer ended early'));
    });
    const timer = setTimeout(() => fail(tooSlow), outsideMillisMax);
    asked.signal?.addEventListener('abort', () => fail(tooSlow), { once: true });
    req.on('error', () => fail('it could not be reached'));
    req.on('close', () => clearTimeout(timer));
    req.end();
  });
}

/** What an answer holds; undefined if that is more than so many bytes, of which no more are then read. */
export async function textWithin(response: Response, bytesMax: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
