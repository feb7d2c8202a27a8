import { join } from 'node:path';
import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import { createAuthenticate } from '../identity/authenticate.ts';
import { openEntrySecrets } from '../identity/entry-secrets.ts';
import { type AgentTokens, openAgentTokens } from '../identity/tokens.ts';
import { type OperatorKey, openOperatorKey } from '../operator/key.ts';
import { openSecretFile } from '../secret/secret-file.ts';
import type { Config } from './config.ts';
import { keyedDigest, now } from './ports.ts';
import { openBelow } from './state-dir.ts';

/** Everything that a proof is held against, and the key by which actions are known. */
export interface Identity extends Pick<LinePorts, 'authenticate' | 'digest'> {
  readonly operator: OperatorKey;
  readonly tokens: AgentTokens;
}

export function openIdentity({ agents }: Config, stateDir: string): Identity {
  const tokens = openAgentTokens(join(stateDir, 'agent-tokens.json'), now);
  const entries = agents.flatMap(agent => agent.entries ?? []);
  const entrySecrets = openEntrySecrets(openBelow(stateDir, 'entries'), entries);
  return {
    operator: openOperatorKey(stateDir, process.getuid?.()),
    tokens,
    authenticate: createAuthenticate({ agents, tokens, entrySecrets }),
    digest: keyedDigest(openSecretFile(join(stateDir, 'digest.key'), 'spd')),
  };
}
