import { passed } from '@sallyport/core/model/refusal.ts';
import type { FirstSeen } from '../first-seen.ts';
import { ageDays, readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, SourceState } from '../source.ts';

export interface StaticConfig {
  readonly name: string;
  readonly place: SecretPlace;
  readonly secondsMax: number | undefined;
  /** After so many days it should be another one. */
  readonly rotateDays: number | undefined;
}

const dayMillis = 86_400_000;

/** A standing secret that the operator keeps: the gateway cannot end it, only stop using it. */
export function staticSource(config: StaticConfig, now: () => number, seen?: FirstSeen): CredentialSource {
  const { name, place, secondsMax, rotateDays } = config;
  let state: SourceState = { state: 'ready' };

  async function ageOf(secret: string): Promise<number | undefined> {
    const written = await ageDays(place, now());
    if (written !== undefined || seen === undefined || rotateDays === undefined) return written;
    return Math.floor((now() - seen.since(name, secret)) / dayMillis);
  }

  return {
    ...{ name, kind: 'static', secondsMax, sharedBy: 'all' },
    scopeOf: () => passed(''),
    mint: async (_want, signal) => {
      const secret = await readSecret(`credential ${name}`, place, signal);
      state = secret.ok
        ? { state: 'ready', ...reminder(await ageOf(secret.value), rotateDays) }
        : { state: 'failing', why: secret.refusal.why };
      return secret.ok ? passed({ secret: secret.value, expiresAt: undefined, revocable: false }) : secret;
    },
    revoke: async () => 'impossible',
    state: () => state,
  };
}

function reminder(days: number | undefined, rotateDays: number | undefined): Pick<SourceState, 'note' | 'ageDays'> {
  if (days === undefined) return {};
  if (rotateDays === undefined || days < rotateDays) return { ageDays: days };
  return { ageDays: days, note: `${days} days old, to be changed every ${rotateDays}` };
}
