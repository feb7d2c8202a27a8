import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';

const answerBytesMax = 256 * 1024;

/** What an issuer answered: its status, and its body if that is a JSON object. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly method: 'POST' | 'DELETE' | 'GET';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/** One request to an issuer of secrets. Redirects are not followed: a secret goes where the operator said, or nowhere. */
export async function ask(what: string, { method, url, headers, body, signal }: Ask): Promise<Checked<Answer>> {
  try {
    const answer = await fetch(url, {
      ...{ method, signal, redirect: 'error' as const },
      headers: { accept: 'application/json', 'user-agent': 'sallyport', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return passed({ status: answer.status, body: await objectOf(answer) });
  } catch {
    return issuerFault(what, signal.aborted ? 'its issuer did not answer in time' : 'its issuer cannot be reached');
  }
}

async function objectOf(answer: Response): Promise<Answer['body']> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) throw new Error('too large');
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Answer['body']) : {};
  } catch {
    return {};
  }
}

export function issuerFault(what: string, why: string): Checked<never> {
  return refused({
    code: 'credential-unavailable',
    what,
    why,
    fix: 'an operator can look with `sallyport credentials`',
  });
}

/** A form as OAuth endpoints take it (RFC 6749 appendix B). */
export function form(members: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(members).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(pairs).toString();
}

/** RFC 6749 §2.3.1: the parts are form-encoded before they are joined. */
export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}
