import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { askOutside, ObtainError } from '../obtain/outside-json.ts';
import { answerMillisMax } from './source.ts';

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
  return await orFault(what, async () => {
    const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
    const answer = await askOutside(url, init, answerMillisMax);
    return passed({ status: answer.status, body: answer.body ?? {} });
  });
}

/** What an issuer did wrong becomes a refusal that says so. */
export async function orFault<T>(what: string, work: () => Promise<Checked<T>>): Promise<Checked<T>> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ObtainError) return issuerFault(what, thrown.message);
    throw thrown;
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
