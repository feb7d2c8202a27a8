import type { Instant, PrincipalId } from '@sallyport/core/model/ids.ts';
import type { RefreshRecord } from './refresh-tokens.ts';
import type { SourceState, TurnedAway } from './source.ts';

/** Who has to sign in again at one credential's authorization server, and why. In memory: the next use finds it anew. */
export interface SignInsNeeded {
  readonly add: (principal: PrincipalId, why: string) => void;
  /** Its issuer said that this token is no good: it is not asked a second time. */
  readonly died: (record: RefreshRecord, why: string) => void;
  /** The server would not take a token that its issuer had just given. */
  readonly turnedAway: (principal: PrincipalId, how: TurnedAway) => void;
  /** Why no further token is worth asking for; undefined: one is. */
  readonly hopeless: (record: RefreshRecord) => string | undefined;
  /** A token was issued. */
  readonly issued: (principal: PrincipalId) => void;
  /** The person has signed in. */
  readonly signedIn: (principal: PrincipalId) => void;
  /** What a server asked for beyond what its tokens have, in words of its own. */
  readonly moreScope: () => readonly string[];
  readonly link: () => string;
  /** Undefined: nobody has to. */
  readonly state: () => SourceState | undefined;
}

/** A server that turned away so many tokens of one principal within this time does not want another. */
const turnedAwayMax = 2;
const turnedAwayMillis = 10 * 60_000;
const scopeWordsMax = 50;
/** Shown to people as they came, so nothing else is (RFC 6749 §3.3 `scope-token`). */
const scopeWord = /^[!#-[\]-~]{1,200}$/;
const shownCharsMax = 300;

export function createSignInsNeeded(link: () => string, now: () => Instant): SignInsNeeded {
  const needed = new Map<PrincipalId, string>();
  const dead = new Map<PrincipalId, { readonly refreshToken: string; readonly why: string }>();
  const turned = new Map<PrincipalId, readonly Instant[]>();
  const more = new Set<string>();

  const recent = (principal: PrincipalId): readonly Instant[] =>
    (turned.get(principal) ?? []).filter(at => now() - at < turnedAwayMillis);
  const turnsAll = (principal: PrincipalId): boolean => recent(principal).length >= turnedAwayMax;

  return {
    add: (principal, why) => void needed.set(principal, why),
    died: ({ principal, refreshToken }, why) => {
      dead.set(principal, { refreshToken, why });
      needed.set(principal, why);
    },
    turnedAway: (principal, { status, error, scope }) => {
      if (status === 403 && error !== 'insufficient_scope') return;
      if (error === 'insufficient_scope') {
        const words = (scope ?? '')
          .split(' ')
          .filter(word => scopeWord.test(word))
          .slice(0, scopeWordsMax);
        for (const word of words) if (more.size < scopeWordsMax) more.add(word);
        const shown = words.join(' ').slice(0, shownCharsMax);
        needed.set(principal, `its server wants more than it may: ${shown === '' ? 'it does not say what' : shown}`);
      } else turned.set(principal, [...recent(principal), now()].slice(-turnedAwayMax));
    },
    hopeless: ({ principal, refreshToken }) => {
      const found = dead.get(principal);
      if (found?.refreshToken === refreshToken) return found.why;
      return turnsAll(principal) ? 'its server turns away the tokens that its issuer gives' : undefined;
    },
    issued: principal => {
      if (!turnsAll(principal) && more.size === 0) needed.delete(principal);
    },
    signedIn: principal => {
      for (const map of [needed, dead, turned]) map.delete(principal);
      more.clear();
    },
    moreScope: () => [...more],
    link,
    state: () => {
      if (needed.size === 0) return undefined;
      const who = [...needed].sort().map(([principal, why]) => (principal === '' ? why : `${principal}: ${why}`));
      return { state: 'needs-authorization', why: who.join('; '), link: link() };
    },
  };
}
