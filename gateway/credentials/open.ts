import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Authorizable, type Authorizing, createAuthorizing } from './authorize.ts';
import { Broker, type BrokerPorts } from './broker.ts';
import type { CredentialConfig } from './config.ts';
import { type FirstSeen, openFirstSeen } from './first-seen.ts';
import { openLeaseStore } from './lease-store.ts';
import { createOAuthClient } from './oauth-client.ts';
import { openPasswords, type PasswordStore } from './password-store.ts';
import { openRefreshTokens, type RefreshTokens } from './refresh-tokens.ts';
import { openRegistrations, type Registrations } from './registrations.ts';
import { openRevocationEffects, type RevocationEffects } from './revocation-effects.ts';
import { createSignInsNeeded } from './sign-ins-needed.ts';
import type { CredentialSource } from './source.ts';
import { gitHubAppSource } from './sources/github-app.ts';
import { oauthSource } from './sources/oauth.ts';
import { postgresPasswordSource } from './sources/postgres-password.ts';
import { postgresRoleSource } from './sources/postgres-role.ts';
import { staticSource } from './sources/static.ts';
import { tokenExchangeSource } from './sources/token-exchange.ts';

export interface CredentialRoomOptions extends Omit<BrokerPorts, 'sources' | 'store'> {
  readonly configs: readonly CredentialConfig[];
  readonly stateDir: string;
  readonly tenant: string;
  /** Issuer identifier of our own authorization server: people come back from others below it. */
  readonly issuer: () => string;
  /** A principal has signed in for it: what could not be used may be tried again. */
  readonly onSignedIn: (credential: string) => void;
}

export interface CredentialRoom {
  readonly broker: Broker;
  readonly authorizing: Authorizing;
}

/** Opens the broker and ends what an earlier run left behind. */
export async function openCredentials(options: CredentialRoomOptions): Promise<CredentialRoom> {
  const { configs, stateDir, tenant, ...ports } = options;
  const dir = openFolder(join(stateDir, 'credentials'), tenant);
  const kept = {
    ...{ tokens: openRefreshTokens(dir), registrations: openRegistrations(dir) },
    ...{ seen: openFirstSeen(dir, ports.now), passwords: openPasswords(dir), effects: openRevocationEffects(dir) },
  };
  const authorizable = new Map<string, Authorizable>();
  const onRotated = (name: string): void =>
    void broker.endWhere(({ credential }) => credential === name, 'its password was changed');
  const sources = configs.map(config => sourceOf(config, { ...ports, ...kept, authorizable, onRotated }));
  const broker: Broker = new Broker({ ...ports, sources, store: await openLeaseStore(join(dir, 'leases.jsonl')) });
  // No start waits for issuers: what is left is ended beside it, and a stop waits for that.
  void broker.recover();
  const onSignedIn = (credential: string): void => {
    broker.tryAgain(credential);
    ports.onSignedIn(credential);
  };
  return { broker, authorizing: createAuthorizing(authorizable, kept.tokens, { ...ports, onSignedIn }) };
}

/** Names of the files that this room writes. */
const isOurs = /^leases\.jsonl$|\.(?:refresh|(?:client|revoking|seen|password)\.json)$/;

/** The tenant's folder: every file in it is found by tenant and credential. Of those that lie above it from before, ours come into it. */
function openFolder(above: string, tenant: string): string {
  const dir = join(above, tenant);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(above, { withFileTypes: true }))
    if (file.isFile() && isOurs.test(file.name)) renameSync(join(above, file.name), join(dir, file.name));
  return dir;
}

interface SourcePorts extends Pick<CredentialRoomOptions, 'now' | 'issuer'> {
  readonly tokens: RefreshTokens;
  readonly registrations: Registrations;
  readonly seen: FirstSeen;
  readonly passwords: PasswordStore;
  readonly effects: RevocationEffects;
  readonly onRotated: (credential: string) => void;
  /** Credentials that people sign in for are added here. */
  readonly authorizable: Map<string, Authorizable>;
}

function sourceOf(config: CredentialConfig, ports: SourcePorts): CredentialSource {
  const { now, issuer, tokens, registrations } = ports;
  const redirectUri = (): string => `${issuer()}/connected`;
  switch (config.kind) {
    case 'static':
      return staticSource(config, now, ports.seen);
    case 'oauth': {
      const client = createOAuthClient(config.name, config, { now, registrations, redirectUri });
      const needed = createSignInsNeeded(() => `${issuer()}/connect?credential=${config.name}`, now);
      if (config.per === 'principal') ports.authorizable.set(config.name, { config, client, needed });
      return oauthSource(config, { now, client, tokens, needed, effects: ports.effects });
    }
    case 'token-exchange':
      return tokenExchangeSource(config, {
        now,
        client: createOAuthClient(config.name, config, { now, registrations, redirectUri }),
      });
    case 'github-app':
      return gitHubAppSource(config, now);
    case 'postgres-role':
      return postgresRoleSource(config);
    case 'postgres-password':
      return postgresPasswordSource(config, {
        ...{ now, passwords: ports.passwords },
        onRotated: () => ports.onRotated(config.name),
      });
  }
}
