import { appendFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { type Api, openApi } from 'sallyport/api.ts';
import { buildConsole } from 'sallyport/console-build.ts';
import { makePrivateCopy, type PrivateCopy } from 'sallyport/demo/private-copy.ts';
import { launch } from 'sallyport/launch.ts';

/** A real gateway with the example's servers, in a folder that is gone afterwards, and agents that act through it. */
export interface Stage {
  readonly api: Api;
  /** The folder that the server `files` works in. */
  readonly folder: string;
  readonly stateDir: string;
  /** A sign-in link for a fresh page. */
  readonly link: (role?: string) => Promise<string>;
  readonly actor: (order: ActorOrder) => Promise<Actor>;
  readonly close: () => Promise<void>;
}

export interface ActorOrder {
  readonly purpose: string;
  readonly tools?: readonly string[];
  /** `assistant`, unless it says `researcher`. */
  readonly agent?: Agent;
  /** The task that hands this one on. */
  readonly parent?: string;
}

const agents = ['assistant', 'researcher'] as const;
type Agent = (typeof agents)[number];
const secondAgent = '  researcher:\n    principal: "user:emma"\n    owner: "user:ben"\n    classes: [office]\n';

export interface Actor {
  readonly task: string;
  /** What it was answered, as JSON text. */
  readonly call: (tool: string, args: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** `prepare` may change the copy of the example before it is started. */
export async function openStage(prepare: (copy: PrivateCopy) => void = () => {}): Promise<Stage> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-stage-')));
  const copy = makePrivateCopy(stateDir, '127.0.0.1:0');
  // The list of agents stands last in the example.
  appendFileSync(copy.config, secondAgent);
  prepare(copy);
  const [launched, unbuilt] = await Promise.all([
    launch({ config: copy.config, stateDir, as: 'within', onProgress: () => {} }),
    buildConsole(() => {}),
  ]);
  if (unbuilt !== undefined) throw new Error(unbuilt);
  const api = openApi(stateDir);
  const tokens = new Map<Agent, string>();
  for (const agent of agents) tokens.set(agent, (await api.post<{ token: string }>(`agents/${agent}/token`)).token);
  return {
    api,
    folder: copy.folder,
    stateDir,
    link: async role => {
      const { link } = await api.post<{ link: string }>('session/link', role === undefined ? {} : { role });
      return `${api.url}/#${link}`;
    },
    actor: order => openActor(api, tokens.get(order.agent ?? 'assistant') ?? '', order),
    close: async () => {
      await launched.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function openActor(api: Api, agentToken: string, asked: ActorOrder): Promise<Actor> {
  const order = { agent: 'assistant', ...asked };
  const opened = await api.post<{ task: TaskView; token: string }>('tasks', order);
  const headers = { authorization: `Bearer ${agentToken}`, 'sallyport-task': opened.token };
  const client = new Client({ name: 'scripted-agent', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${api.url}/mcp`), { requestInit: { headers } }));
  return {
    task: opened.task.id,
    call: async (tool, args) => {
      const { content } = await client.callTool({ name: tool.replace('/', '__'), arguments: { ...args } });
      return JSON.stringify(content);
    },
    close: () => client.close(),
  };
}
