import { passed } from '@sallyport/core/model/refusal.ts';
import { ageDays, readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, SourceState } from '../source.ts';

export interface StaticConfig {
  readonly name: string;
  readonly place: SecretPlace;
  readonly secondsMax: number | undefined;
  /** After so many days it should be another one. */
  readonly rotateDays: number | undefined;
}

/** A standing secret that the operator keeps: the gateway cannot end it, only stop using it. */
export function staticSource(config: StaticConfig, now: () => number): CredentialSource {
  let state: SourceState = { state: 'ready' };
  return {
    name: config.name,
    kind: 'static',
    secondsMax: config.secondsMax,
    sharedBy: 'all',
    scopeOf: () => passed(''),
    mint: async (_want, signal) => {
      const secret = await readSecret(`credential ${config.name}`, config.place, signal);
      state = secret.ok
        ? { state: 'ready', ...(await rotation(config, now())) }
        : { state: 'failing', why: secret.refusal.why };
      return secret.ok ? passed({ secret: secret.value, expiresAt: undefined, revocable: false }) : secret;
    },
    revoke: async () => false,
    state: () => state,
  };
}

async function rotation({ place, rotateDays }: StaticConfig, now: number): Promise<{ readonly note?: string }> {
  const days = rotateDays === undefined ? undefined : await ageDays(place, now);
  if (days === undefined || rotateDays === undefined || days < rotateDays) return {};
  return { note: `${days} days old, to be changed every ${rotateDays}` };
}
