import { signal } from '@preact/signals';
import { authorization, signOut } from './session.ts';

/** What the gateway says no to, in its own words. */
class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly fix: string | undefined;
  constructor(code: string, message: string, fix?: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}

/** `advisory: shared uid` or `separate uid`, from the newest answer. */
export const operatorNotice = signal('');

export async function get<T>(path: string, query: Readonly<Record<string, string | number>> = {}): Promise<T> {
  const present = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return await ask<T>(present.size === 0 ? path : `${path}?${present}`, { method: 'GET' });
}

export async function post<T>(path: string, body: object = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return await ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const response = await send(path, init);
  const value = (await response.json().catch(() => ({}))) as { v?: number; operator?: string } & Failed;
  if (value.operator !== undefined) operatorNotice.value = value.operator;
  if (response.ok && value.v === 1) return value as T;
  throw problemOf(response.status, value);
}

/** With the bearer, and without anything that the browser would add of its own. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { ...init.headers, authorization: authorization() };
    return await fetch(`/api/v1/${path}`, { ...init, headers, credentials: 'omit', cache: 'no-store' });
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown;
    throw new Problem('unreachable', 'the gateway cannot be reached', 'is it running? sallyport status');
  }
}

interface Failed {
  readonly error?: { readonly code?: string; readonly message?: string; readonly fix?: string };
}

export function problemOf(status: number, { error }: Failed): Problem {
  const { code = 'unreachable', message = `something answered with HTTP ${status}`, fix } = error ?? {};
  if (status === 401) signOut('Your sign-in has ended: it lasts twelve hours, or until the gateway restarts.');
  return new Problem(code, message, fix);
}

export function wordsOf(thrown: unknown): string {
  if (thrown instanceof Problem) return thrown.fix === undefined ? thrown.message : `${thrown.message}; ${thrown.fix}`;
  return thrown instanceof Error ? thrown.message : 'something went wrong';
}
