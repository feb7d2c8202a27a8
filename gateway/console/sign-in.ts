import type { ApprovalId, Instant } from '@sallyport/core/model/ids.ts';
import { bearerOf, type Caller } from '../api/caller.ts';
import type { ApiError, Done, OpenedSession, SessionControl } from '../api/control.ts';
import { newSecret, secretHash } from '../secret/secret.ts';
import type { Person } from './person.ts';
import { createQuestionLinks } from './question-links.ts';

/** Seconds that a printed link works, and that a sign-in lasts. */
export const linkSecondsMax = 120;
export const sessionSecondsMax = 12 * 3_600;
const linksMax = 20;
const sessionsMax = 100;

export interface SignIn extends SessionControl {
  /** Whoever holds this `Authorization`, if anybody is signed in with it. */
  readonly callerOf: (authorization: string | undefined) => Caller | undefined;
  /** What another way of proving oneself (an identity provider's answer) ends in: a session of its own. */
  readonly open: (person: Person) => OpenedSession;
  /** A link for a message to one person: it works once, for this question, at most until the question is over. */
  readonly questionLink: (name: string, only: ApprovalId, until: Instant) => string;
}

interface Session extends Person {
  readonly expiresAt: Instant;
  readonly ended: AbortController;
}

/**
 * Sign-in to the console. Nothing of it is kept on disk and no cookie exists: a link works once and for two minutes, the
 * session it is exchanged for lives in this process and in the page's memory, and only hashes are held here. A restart
 * signs everybody out.
 */
export function createSignIn(now: () => Instant): SignIn {
  const links = new Map<string, Person & { readonly expiresAt: Instant }>();
  const sessions = new Map<string, Session>();
  const questionLinks = createQuestionLinks(now);

  function open(person: Person, until?: Instant): OpenedSession {
    const token = newSecret('sps');
    const expiresAt = Math.min(until ?? Number.MAX_SAFE_INTEGER, now() + sessionSecondsMax * 1_000);
    forget(sessions, now(), sessionsMax, session => session.ended.abort());
    sessions.set(secretHash(token), { ...person, expiresAt, ended: new AbortController() });
    const { name, role, only } = person;
    return { token, name, role, expiresAt, ...(only === undefined ? {} : { only }) };
  }

  function callerOf(authorization: string | undefined): Caller | undefined {
    const session = sessions.get(secretHash(bearerOf(authorization)));
    if (session === undefined || session.expiresAt <= now()) return undefined;
    return { ...personOf(session), expiresAt: session.expiresAt, ended: session.ended.signal };
  }

  return {
    open,
    questionLink: questionLinks.make,
    callerOf,
    link: async (role, caller) => {
      const link = newSecret('spl');
      const expiresAt = now() + linkSecondsMax * 1_000;
      forget(links, now(), linksMax);
      links.set(secretHash(link), { ...personOf(caller), role, expiresAt });
      return { link, expiresAt };
    },
    redeem: async (authorization): Promise<Done<OpenedSession>> => {
      const key = secretHash(bearerOf(authorization));
      const question = questionLinks.take(key);
      if (question !== undefined) return { ok: true, value: open(question.person, question.until) };
      const link = links.get(key);
      links.delete(key);
      if (link === undefined || link.expiresAt <= now()) return { ok: false, error: linkSpent };
      return { ok: true, value: open(personOf(link)) };
    },
    end: async authorization => {
      const key = secretHash(bearerOf(authorization));
      sessions.get(key)?.ended.abort();
      sessions.delete(key);
    },
  };
}

function personOf({ name, role, groups, proof, person, only }: Person): Person {
  const known = { ...(person === undefined ? {} : { person }), ...(only === undefined ? {} : { only }) };
  return { name, role, groups, proof, ...known };
}

/** One text for a link that never was, was used or is too old: whoever tries links learns nothing. */
const linkSpent: ApiError = {
  code: 'operator-proof',
  field: 'authorization',
  message: 'this sign-in link was used already, is too old, or never was',
  fix: 'print a new one: sallyport console',
};

/** Makes room: first what is over, then the oldest. */
function forget<T extends { readonly expiresAt: Instant }>(
  all: Map<string, T>,
  now: Instant,
  max: number,
  ended: (one: T) => void = () => {},
): void {
  for (const [key, one] of all) {
    if (one.expiresAt > now && all.size < max) continue;
    ended(one);
    all.delete(key);
  }
}
