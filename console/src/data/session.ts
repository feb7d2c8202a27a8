import { signal } from '@preact/signals';
import { go } from './route.ts';

/**
 * Who is signed in. The bearer lives in this module's memory and nowhere else: no cookie, no storage. Another tab of
 * this origin may ask for it over a channel that only this origin can open, so that a permalink works in a new tab.
 */
export interface Person {
  readonly name: string;
  readonly role: 'viewer' | 'approver' | 'operator' | 'admin';
  readonly expiresAt: number | undefined;
  /** They came by a link in a message: this question is all that they see. */
  readonly only?: string;
}

export type SignIn =
  | { readonly kind: 'asking' }
  /** A link in a message: spent only when a person says so, since programs open links as well. */
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'in'; readonly person: Person }
  | { readonly kind: 'out'; readonly why: string };

export const signIn = signal<SignIn>({ kind: 'asking' });

let bearer = '';
const channel = new BroadcastChannel('sallyport-sign-in');
const askMillisMax = 400;

export function authorization(): string {
  return `Bearer ${bearer}`;
}

export async function begin(): Promise<void> {
  channel.addEventListener('message', hear);
  const [, link, prefix] = /^#((sp[lq])_[A-Za-z0-9_-]+)$/.exec(location.hash) ?? [];
  // The link is spent at once, and must not stand in the history.
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  if (link !== undefined && prefix === 'spq') {
    signIn.value = { kind: 'link', link };
    return;
  }
  if (link !== undefined) return await redeem(link);
  channel.postMessage({ kind: 'ask' });
  setTimeout(() => {
    if (signIn.value.kind === 'asking') signOut('');
  }, askMillisMax);
}

function hear({ data }: MessageEvent<{ kind: string; bearer?: string }>): void {
  if (data.kind === 'ask' && signIn.value.kind === 'in' && signIn.value.person.only === undefined)
    channel.postMessage({ kind: 'told', bearer });
  if (data.kind === 'told' && signIn.value.kind !== 'in' && data.bearer !== undefined) void adopt(data.bearer);
  if (data.kind === 'out' && signIn.value.kind === 'in') signOut('You signed out in another tab.');
}

export async function redeem(link: string): Promise<void> {
  const answer = await said('/api/v1/session', 'POST', `Bearer ${link}`);
  if (answer?.session === undefined) return signOut(answer?.error?.message ?? 'The gateway cannot be reached.');
  bearer = answer.session.token ?? '';
  const place = sessionStorage.getItem(placeKey);
  sessionStorage.removeItem(placeKey);
  if (place?.startsWith('/') && !place.startsWith('//')) go(place, 'replace');
  signIn.value = { kind: 'in', person: answer.session };
  if (answer.session.only === undefined) channel.postMessage({ kind: 'told', bearer });
}

const placeKey = 'sallyport-place';

/** Where somebody wanted to go, while they sign in elsewhere. A path of ours, and nothing secret. */
export function rememberPlace(): void {
  sessionStorage.setItem(placeKey, location.pathname + location.search);
}

async function adopt(token: string): Promise<void> {
  const answer = await said('/api/v1/session', 'GET', `Bearer ${token}`);
  if (answer?.session === undefined) return;
  bearer = token;
  signIn.value = { kind: 'in', person: answer.session };
}

interface Said {
  readonly session?: Person & { readonly token?: string };
  readonly error?: { readonly message: string };
}

async function said(path: string, method: string, held: string): Promise<Said | undefined> {
  try {
    const response = await fetch(path, { method, headers: { authorization: held }, credentials: 'omit' });
    return (await response.json()) as Said;
  } catch {
    return undefined;
  }
}

/** `why` is shown; empty where nobody was signed in. */
export function signOut(why: string): void {
  bearer = '';
  signIn.value = { kind: 'out', why };
}

export async function leave(): Promise<void> {
  await said('/api/v1/session/end', 'POST', authorization());
  channel.postMessage({ kind: 'out' });
  signOut('You are signed out.');
}

const roles = ['viewer', 'approver', 'operator', 'admin'] as const;

/** Whether it is worth showing: the gateway decides. */
export function may(role: Person['role']): boolean {
  const now = signIn.value;
  return now.kind === 'in' && roles.indexOf(now.person.role) >= roles.indexOf(role);
}
