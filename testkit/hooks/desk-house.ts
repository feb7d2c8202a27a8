import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { type Gateway, startGateway } from '@sallyport/gateway/app/gateway.ts';
import { hookSecretFile } from '@sallyport/gateway/identity/hook-secrets.ts';
import { operatorOf } from '../gateway/operator.ts';

/** A gateway whose only work is what coding clients ask about, with the default pack. */
export interface DeskHouse extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly stateDir: string;
  /** What one hook of a client is told; `part` says whose secret it has. */
  readonly hook: (client: string, body: object, part?: 'tool' | 'prompt') => Promise<Hooked>;
  /** The control API, as the operator. */
  readonly ask: <T>(path: string, body?: object) => Promise<T>;
  readonly entries: (kind?: string) => Promise<readonly Entry[]>;
}

export interface Hooked {
  readonly status: number;
  readonly said: Record<string, unknown>;
}

export interface DeskHouseOptions {
  readonly mode?: 'observe' | 'shadow' | 'enforce';
  readonly clients?: readonly string[];
  /** Further lines of the configuration. */
  readonly config?: string;
  readonly policies?: string;
  /** YAML of `hooks.ID.servers`. */
  readonly servers?: string;
}

const packDir = resolve(import.meta.dirname, '../../policies');

export async function openDeskHouse(folder: string, options: DeskHouseOptions = {}): Promise<DeskHouse> {
  const { mode = 'enforce', clients = ['claude-code'], policies = packDir, servers = '{}' } = options;
  const agents = clients.flatMap(id => [
    `  ${id}: { principal: "user:emma" }`,
    `  ${id}.subagent: { principal: "user:emma" }`,
  ]);
  const hooks = clients.map(id => `  ${id}: { agent: ${id}, subagents: ${id}.subagent, servers: ${servers} }`);
  const lines = [
    'listen: 127.0.0.1:0',
    `policies: ${policies}`,
    `mode: ${mode}`,
    'agents:',
    ...agents,
    'hooks:',
    ...hooks,
  ];
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'sallyport.yaml');
  writeFileSync(file, `${[...lines, options.config ?? ''].join('\n')}\n`);
  const stateDir = join(folder, 'state');
  const gateway = await startGateway({
    config: parseConfig(file, readFileSync(file, 'utf8')),
    ...{ stateDir, version: '0.0.0', log: () => {}, onShutdown: () => {} },
    onFailure: why => {
      throw new Error(why);
    },
  });
  const ask = operatorOf(gateway.url, stateDir);
  return {
    ...{ gateway, stateDir, ask, [Symbol.asyncDispose]: gateway.close },
    hook: async (client, body, part = 'tool') => {
      const secret = readFileSync(hookSecretFile(join(stateDir, 'hooks'), client, part), 'utf8').trim();
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const init = { headers, method: 'POST', body: JSON.stringify(body) };
      const answer = await fetch(`${gateway.url}/hooks/${client}`, init);
      return { status: answer.status, said: (await answer.json()) as Record<string, unknown> };
    },
    entries: async kind => (await ask<{ entries: Entry[] }>(`entries?limit=500${kind ? `&kind=${kind}` : ''}`)).entries,
  };
}
