import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Instant, NewId } from '@sallyport/core/model/ids.ts';
import type { TokensLost } from '../../api/view/status.ts';
import { type AccessTokens, createAccessTokens } from '../../identity/access.ts';
import { createAuthenticate } from '../../identity/authenticate.ts';
import { openEntrySecrets } from '../../identity/entry-secrets.ts';
import { type HookSecrets, openHookSecrets } from '../../identity/hook-secrets.ts';
import { type AgentTokens, openAgentTokens } from '../../identity/tokens.ts';
import { createWorkloads, type Workloads } from '../../identity/workloads.ts';
import { type OperatorKey, openOperatorKey } from '../../operator/key.ts';
import { openSecretFile } from '../../secret/secret-file.ts';
import { openTokenStore, type TokenStore } from '../../stores/tokens/token-store.ts';
import { createDpopNonces, type DpopNonces } from '../../tokens/dpop-nonces.ts';
import { createTokenIssuer, type TokenIssuer } from '../../tokens/issuer.ts';
import { refreshSecondsMax } from '../../tokens/refresh.ts';
import { openSigningKeys, type SigningKeys } from '../../tokens/signing-keys.ts';
import { localPlace } from '../../transports/local-place.ts';
import type { Config } from '../config/config.ts';
import { keyedDigest, now, sha256 } from '../host/ports.ts';
import { openBelow } from '../host/state-dir.ts';
import { type Addresses, createAddresses } from './addresses.ts';

/** Everything that a proof is held against, and the key by which actions are known. */
export interface Identity extends Pick<LinePorts, 'authenticate' | 'digest'> {
  readonly operator: OperatorKey;
  readonly tokens: AgentTokens;
  readonly workloads: Workloads;
  readonly access: AccessTokens;
  readonly addresses: Addresses;
  /** Issues and revokes our access tokens; whatever names a task is revoked by that task's id. */
  readonly issuer: TokenIssuer;
  readonly signing: SigningKeys;
  readonly nonces: DpopNonces;
  readonly store: TokenStore;
  readonly hooks: HookSecrets;
  /** As long as a token of before could live. */
  readonly tokensLost: () => TokensLost | undefined;
  readonly close: () => void;
}

export interface IdentityPorts {
  readonly config: Config;
  readonly stateDir: string;
  readonly journal: Pick<Journal, 'record'>;
  readonly newId: NewId;
  /** The record has entries of earlier runs. */
  readonly ranBefore: boolean;
  readonly notice: (line: string) => void;
  /** The user id that agents run under; undefined: the gateway's own. */
  readonly agentsUid?: number | undefined;
  /** Known once the listener is open; nothing asks before. */
  readonly port: () => number;
}

const rotationLookMillis = 3_600_000;

function lost(at: Instant | undefined, file: string): TokensLost | undefined {
  return at === undefined || now() >= at + refreshSecondsMax * 1000 ? undefined : { at, file };
}

function lostText(file: string): string {
  return (
    `${file} was missing or empty, so nobody knows which tokens were revoked or used: every access and refresh token of before ` +
    'has ended, and so has what counts once. Agents ask for new tokens by themselves; people sign in again'
  );
}

export async function openIdentity(ports: IdentityPorts): Promise<Identity> {
  const { config, stateDir, journal, newId, port } = ports;
  const { agents } = config;
  using opened = new DisposableStack();
  const addresses = createAddresses(config.url, port);
  const tokens = openAgentTokens(join(stateDir, 'agent-tokens.json'), config.tenant, now);
  const entrySecrets = openEntrySecrets(
    openBelow(stateDir, 'entries'),
    agents.flatMap(agent => agent.entries ?? []),
  );
  const hooks = openHookSecrets(openBelow(stateDir, 'hooks'), localPlace(stateDir, 'hook.sock'), config.hooks);
  const keysFile = join(stateDir, 'signing-keys.json');
  const tokensFile = join(stateDir, 'tokens.sqlite');
  const ranBefore = ports.ranBefore || existsSync(keysFile);
  const store = openTokenStore({ file: tokensFile, tenant: config.tenant, now, ranBefore });
  opened.defer(() => store.close());
  if (store.isNew && ranBefore) ports.notice(lostText(tokensFile));
  const signing = await openSigningKeys(keysFile, now, store.knownSince);
  await signing.rotateIfDue();
  const rotation = setInterval(() => void signing.rotateIfDue().catch(() => undefined), rotationLookMillis).unref();
  opened.defer(() => clearInterval(rotation));
  const nonces = createDpopNonces(now);
  const workloads = createWorkloads({ trusts: config.trusts, audience: addresses.issuer, now });
  const access = createAccessTokens({
    ...{
      issuer: addresses.issuer,
      keys: signing.published,
      isRevoked: store.isRevoked,
      addressesOf: addresses.of,
      now,
    },
    dpop: { sha256, nonceCounts: nonces.counts, use: nonces.use },
  });
  const operator = openOperatorKey(stateDir, uidOfOthers(ports));
  const digest = keyedDigest(openSecretFile(join(stateDir, 'digest.key'), 'spd'));
  const authenticate = createAuthenticate({ agents, tokens, entrySecrets, hooks, workloads, access, now });
  const issuer = createTokenIssuer({ keys: signing, store, journal, issuer: addresses.issuer, now, newId });
  const running = opened.move();
  return {
    ...{ operator, authenticate, digest, tokens, workloads, access, addresses },
    ...{ issuer, signing, nonces, store, hooks },
    tokensLost: () => lost(store.knownSince, tokensFile),
    close: () => running.dispose(),
  };
}

/**
 * Whom the operator's key must be kept from. Servers that the gateway starts run as it does, and do what agents tell them: with
 * one of them no key of its user is out of an agent's reach.
 */
function uidOfOthers({ config, agentsUid }: IdentityPorts): number | undefined {
  const starts = config.servers.some(({ launch }) => launch.kind !== 'http');
  return starts ? process.getuid?.() : (agentsUid ?? process.getuid?.());
}
