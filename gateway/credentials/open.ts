import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialControl } from '../api/control.ts';
import { createAuthorizing } from './authorize.ts';
import { Broker, type BrokerPorts } from './broker.ts';
import type { CredentialConfig } from './config.ts';
import { openLeaseStore } from './lease-store.ts';
import { openRefreshTokens, type RefreshTokens } from './refresh-tokens.ts';
import type { CredentialSource } from './source.ts';
import { gitHubAppSource } from './sources/github-app.ts';
import { oauthSource } from './sources/oauth.ts';
import { postgresRoleSource } from './sources/postgres-role.ts';
import { staticSource } from './sources/static.ts';
import { tokenExchangeSource } from './sources/token-exchange.ts';

export interface CredentialRoomOptions extends Omit<BrokerPorts, 'sources' | 'store'> {
  readonly configs: readonly CredentialConfig[];
  readonly stateDir: string;
}

export interface CredentialRoom {
  readonly broker: Broker;
  readonly control: CredentialControl;
}

/** Opens the broker and ends what an earlier run left behind. */
export async function openCredentials({ configs, stateDir, ...ports }: CredentialRoomOptions): Promise<CredentialRoom> {
  const dir = join(stateDir, 'credentials');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const refreshTokens = openRefreshTokens(dir);
  const sources = configs.map(config => sourceOf(config, ports.now, refreshTokens));
  const broker = new Broker({ ...ports, sources, store: openLeaseStore(join(dir, 'leases.json')) });
  await broker.recover();
  const authorizing = createAuthorizing(configs, refreshTokens, ports.now);
  const control: CredentialControl = {
    list: async () => broker.views(),
    authorize: async (credential, { principal, redirectUri }) => authorizing.begin(credential, principal, redirectUri),
    authorized: (credential, { state, code }) => authorizing.finish(credential, state, code),
  };
  return { broker, control };
}

function sourceOf(config: CredentialConfig, now: () => number, tokens: RefreshTokens): CredentialSource {
  switch (config.kind) {
    case 'static':
      return staticSource(config, now);
    case 'oauth':
      return oauthSource(config, { now, tokens });
    case 'token-exchange':
      return tokenExchangeSource(config, now);
    case 'github-app':
      return gitHubAppSource(config, now);
    case 'postgres-role':
      return postgresRoleSource(config);
  }
}
