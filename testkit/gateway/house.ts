import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { type Gateway, startGateway } from '@sallyport/gateway/app/gateway.ts';
import type { ChildEnvironment, ServerConfig } from '@sallyport/gateway/upstreams/config.ts';
import { modernRequest } from '../modern-request.ts';
import { compiledOnce, stdioUpstream } from '../upstream/fixture.ts';
import type { Script } from '../upstream/script.ts';
import { type Ask, operatorOf } from './operator.ts';

/** The whole gateway in this process, with a real child process as its server `notes`, and one agent, `writer`. */
export interface House {
  readonly gateway: Gateway;
  readonly stateDir: string;
  /** Calls a tool of `notes` as the agent, in the newest era. */
  readonly call: (name: string, args: object) => Promise<Called>;
  /** The agent's bearer token. */
  readonly token: string;
  /** The control API, as the operator. */
  readonly ask: Ask;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface Called {
  readonly isError?: boolean;
  readonly text: string;
}

export interface HouseOptions {
  readonly policies: string;
  /** What the server does; everything it receives is recorded in `received` of the folder. */
  readonly script: Script;
  /** What the server's process finds in its environment, beside what makes it start quickly. */
  readonly env?: ChildEnvironment;
  /** What the operator says about its tools. */
  readonly terms?: ServerConfig['tools'];
  /** Further servers. */
  readonly neighbours?: readonly ServerConfig[];
  readonly meetMillisMax?: number;
  /** Further lines of the configuration. */
  readonly config?: string;
  readonly onFailure?: (why: string) => void;
}

/** Opens a gateway whose state, policies and records are in `folder`. */
export async function openHouse(folder: string, options: HouseOptions): Promise<House> {
  writeFileSync(join(folder, 'notes.cedar'), options.policies);
  const written = `listen: 127.0.0.1:0\npolicies: .\nagents:\n  writer: { principal: "user:emma" }\n${options.config ?? ''}`;
  const config = parseConfig(join(folder, 'sallyport.yaml'), written);
  const stateDir = join(folder, 'state');
  const env = { ...compiledOnce, ...options.env };
  const server = stdioUpstream('notes', { record: join(folder, 'received'), ...options.script }, env);
  const gateway = await startGateway({
    config: {
      ...config,
      servers: [
        options.terms === undefined ? server : { ...server, tools: options.terms },
        ...(options.neighbours ?? []),
      ],
    },
    ...{ stateDir, version: '0.0.0', log: () => {}, onShutdown: () => {} },
    onFailure: options.onFailure ?? throwing,
    ...(options.meetMillisMax === undefined ? {} : { meetMillisMax: options.meetMillisMax }),
  });
  const ask = operatorOf(gateway.url, stateDir);
  const { token } = await ask<{ token: string }>('agents/writer/token', {});
  const call = callerOf(`${gateway.url}/mcp/notes`, token);
  return { gateway, stateDir, token, ask, call, [Symbol.asyncDispose]: gateway.close };
}

function throwing(why: string): never {
  throw new Error(why);
}

/** Calls tools behind `url` with an agent's token, one plain request a call (MCP 2026-07-28); in a task where its token is given. */
export function callerOf(url: string, token: string, task?: string): House['call'] {
  const headers = { authorization: `Bearer ${token}`, ...(task === undefined ? {} : { 'sallyport-task': task }) };
  return async (name, args) => {
    const answer = await fetch(url, modernRequest('tools/call', { name, arguments: args }, headers));
    const { result } = (await answer.json()) as { result: { isError?: boolean; content: [{ text: string }] } };
    return { ...(result.isError === undefined ? {} : { isError: result.isError }), text: result.content[0].text };
  };
}
