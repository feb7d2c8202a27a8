import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removePrivate, writePrivate } from '../secret/private-file.ts';
import { newSecret, sameSecret } from '../secret/secret.ts';
import { openSecretFile } from '../secret/secret-file.ts';
import type { HookConfig } from './config.ts';

/**
 * Two secrets for each client: `tool`, for what its agents do, and `prompt`, for what its user says. Who holds the one can
 * say nothing with the other: the words of a principal never come from a tool's hook.
 */
export interface HookSecrets {
  /** The agents behind the secret of a client's tool hooks. */
  readonly agentsOf: (client: string, secret: string) => Pick<HookConfig, 'agent' | 'subagents'> | undefined;
  readonly isPrompt: (client: string, secret: string) => boolean;
  readonly of: (client: string) => { readonly tool: string; readonly prompt: string };
}

export type HookPart = 'tool' | 'prompt';

/** Where a client's secret lies, below the state directory's `hooks`. */
export function hookSecretFile(dir: string, client: string, part: HookPart): string {
  return join(dir, `${client}.${part}.secret`);
}

/** How long a client's hook waits for an answer; clients themselves give it ten seconds. */
const answerSecondsMax = 8;

/**
 * The whole call as `curl --config` reads it, so that neither the secret nor the address stands among the words of a
 * process. A socket in a folder of this user's, and no port: whoever took over a port would be told, and believed.
 */
function callText(client: string, secret: string, socket: string): string {
  const lines = [
    `unix-socket = ${JSON.stringify(socket)}`,
    `url = "http://localhost/hooks/${client}"`,
    `header = "Authorization: Bearer ${secret}"`,
    'header = "Content-Type: application/json"',
    'header = "Expect:"',
    'data-binary = "@-"',
    'noproxy = "*"',
    `max-time = ${answerSecondsMax}`,
    'silent',
    'fail',
  ];
  return `${lines.join('\n')}\n`;
}

/** Makes what is missing in `dir`, and removes what belongs to no configured client. */
export function openHookSecrets(dir: string, socket: string, configs: readonly HookConfig[]): HookSecrets {
  const secrets = new Map(
    configs.map(({ client }) => [
      client,
      {
        tool: openSecretFile(hookSecretFile(dir, client, 'tool'), 'spe'),
        prompt: openSecretFile(hookSecretFile(dir, client, 'prompt'), 'spe'),
      },
    ]),
  );
  for (const [client, both] of secrets)
    for (const part of ['tool', 'prompt'] as const)
      writePrivate(join(dir, `${client}.${part}.curl`), callText(client, both[part], socket));
  const wanted = new Set(configs.flatMap(({ client }) => [`${client}.tool`, `${client}.prompt`]));
  for (const name of readdirSync(dir)) if (!wanted.has(name.replace(/\.[a-z]+$/, ''))) removePrivate(join(dir, name));
  // What an unknown client is compared with, so that it takes as long as a known one.
  const nobody = { tool: newSecret('spe'), prompt: newSecret('spe') };
  const holds = (client: string, part: HookPart, secret: string): boolean => {
    const expected = secrets.get(client);
    return sameSecret(secret, (expected ?? nobody)[part]) && expected !== undefined;
  };
  return {
    agentsOf: (client, secret) =>
      holds(client, 'tool', secret) ? configs.find(config => config.client === client) : undefined,
    isPrompt: (client, secret) => holds(client, 'prompt', secret),
    of: client => secrets.get(client) ?? nobody,
  };
}
