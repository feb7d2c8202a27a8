import { networkInterfaces } from 'node:os';
import { isLoopbackHost, staysOnThisMachine } from '@sallyport/core/facts/url.ts';
import { type JsonObject, parseJson, plainJson } from '@sallyport/core/model/json.ts';
import { outsideMillisMax, textWithin } from '../identity/outside.ts';

/** What somebody else's server answered: its status and, where there was one, its JSON object. */
export interface OutsideAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** What came in the place of such an object. */
  readonly unread: string | undefined;
}

/** The message holds neither an address nor a secret. */
export class ObtainError extends Error {
  override readonly name = 'ObtainError';
  /** What an authorization server called the fault (RFC 6749 §5.2), where it is one of the words that there are for it. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

const answerBytesMax = 256 * 1024;
const limits = {
  charsMax: answerBytesMax,
  depthMax: 16,
  valuesMax: 10_000,
  numberCharsMax: 32,
  reservedMembers: 'refuse',
} as const;

/**
 * One request to an authorization server, its metadata or another issuer of secrets: https, or http to this machine; no
 * redirect is followed, since whoever can redirect would choose who gets our proof; `millisMax`, or `init.signal` if
 * that is sooner; strict JSON of at most 256 KiB (C-5).
 */
export async function askOutside(
  url: string,
  init: RequestInit = {},
  millisMax = outsideMillisMax,
): Promise<OutsideAnswer> {
  requireOutside(url);
  const tooLate = AbortSignal.timeout(millisMax);
  const signal = init.signal == null ? tooLate : AbortSignal.any([init.signal, tooLate]);
  const headers = {
    accept: 'application/json',
    'user-agent': 'sallyport',
    ...(init.headers as Record<string, string>),
  };
  try {
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal });
    const text = await textWithin(response, answerBytesMax);
    const body = text === undefined ? undefined : objectIn(text);
    const { status } = response;
    return { status, headers: response.headers, body, unread: body === undefined ? text : undefined };
  } catch {
    throw new ObtainError(signal.aborted ? 'its issuer did not answer in time' : 'its issuer cannot be reached');
  }
}

function objectIn(text: string): OutsideAnswer['body'] {
  const parsed = parseJson(text, limits);
  const object: JsonObject | undefined = parsed.ok && parsed.node.kind === 'object' ? parsed.node : undefined;
  return object === undefined ? undefined : (plainJson(object) as Record<string, unknown>);
}

/** Anything but a web address that cannot be listened to on the way is refused, `file:` and `javascript:` among it. */
export function requireOutside(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && staysOnThisMachine(parsed.hostname))) return;
  throw new ObtainError('an address of an authorization server is not https');
}

/** What a server elsewhere names must not lead to this machine: it would ask our neighbours through us. */
export function requireNamedBy(url: string | undefined, namer: string): void {
  if (url === undefined) return;
  requireOutside(url);
  if (isThisMachine(url) && !isThisMachine(namer))
    throw new ObtainError('a server elsewhere names an address on this machine');
}

function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  const plain = hostname.replace(/^\[|\]$/g, '');
  return (
    isLoopbackHost(hostname) ||
    Object.values(networkInterfaces())
      .flat()
      .some(own => own?.address === plain)
  );
}

export function textOf(body: OutsideAnswer['body'], name: string): string | undefined {
  const value = body?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function textsOf(body: OutsideAnswer['body'], name: string): readonly string[] | undefined {
  const value = body?.[name];
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : undefined;
}
