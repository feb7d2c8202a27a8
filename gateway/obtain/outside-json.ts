import { type JsonObject, parseJson, plainJson } from '@sallyport/core/model/json.ts';
import { outsideMillisMax } from '../identity/outside.ts';

/** What somebody else's server answered: its status and, where there was one, its JSON object. */
export interface OutsideAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export class ObtainError extends Error {
  override readonly name = 'ObtainError';
}

const answerCharsMax = 256 * 1024;
const limits = {
  charsMax: answerCharsMax,
  depthMax: 16,
  valuesMax: 10_000,
  numberCharsMax: 32,
  reservedMembers: 'refuse',
} as const;

/**
 * One request to an authorization server or its metadata: https, or http to this machine; no redirect is followed, since
 * whoever can redirect would choose who gets our proof; two seconds; strict JSON (C-5).
 */
export async function askOutside(url: string, init: RequestInit = {}): Promise<OutsideAnswer> {
  requireOutside(url);
  const response = await fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(outsideMillisMax),
  }).catch(() => {
    throw new ObtainError('an authorization server could not be reached');
  });
  const text = await response.text();
  const parsed = parseJson(text, limits);
  const object: JsonObject | undefined = parsed.ok && parsed.node.kind === 'object' ? parsed.node : undefined;
  const body = object === undefined ? undefined : (plainJson(object) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body };
}

/** Anything but a web address that cannot be listened to on the way is refused, `file:` and `javascript:` among it. */
export function requireOutside(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(parsed?.hostname ?? '');
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && local)) return;
  throw new ObtainError('an address of an authorization server is not https');
}

export function textOf(body: OutsideAnswer['body'], name: string): string | undefined {
  const value = body?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function textsOf(body: OutsideAnswer['body'], name: string): readonly string[] | undefined {
  const value = body?.[name];
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : undefined;
}
