import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WhyView } from '@sallyport/gateway/api/view/decision.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { readConfig } from '@sallyport/gateway/app/config/config.ts';
import type { Api } from '../api.ts';
import { type Act, leakFile, runAgent, summaryFile, type Toolbox, task } from './agent.ts';
import { exampleFile, type PrivateCopy, resetFolder } from './private-copy.ts';
import { directToolbox, gatedToolbox } from './toolboxes.ts';

/** What the agent did and what it came to, with or without the gateway. */
export interface Half {
  readonly acts: readonly Act[];
  /** Where the key was found afterwards, `environment.txt`; undefined if it is nowhere in the folder. */
  readonly leaked: string | undefined;
  readonly summarised: boolean;
}

export interface GatedHalf extends Half {
  readonly task: string;
  /** Why the injected step was refused; undefined if nothing was refused. */
  readonly why: WhyView | undefined;
}

const keyName = 'DEMO_API_KEY';
const agentId = 'assistant';

/** The made-up key that the example gives to the server `everything`. */
export function madeUpKey(config = exampleFile): string {
  const launch = readConfig(config).servers.find(({ id }) => id === 'everything')?.launch;
  const key = launch?.kind === 'package' ? launch.env[keyName] : undefined;
  return typeof key === 'string' ? key : '';
}

/** The agent against the servers themselves, in a temporary folder that is gone afterwards. */
export async function runWithout(): Promise<Half> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-demo-direct-')));
  try {
    const copy = { config: exampleFile, folder: join(home, 'folder') };
    resetFolder(copy);
    const environment = { [keyName]: madeUpKey() };
    const { folder } = copy;
    return await half(await directToolbox({ folder, home, environment, packagesOf: exampleFile }), folder);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The same agent through the gateway: a task opened by the principal, a token that is taken back at the end. */
export async function runThrough(api: Api, copy: PrivateCopy): Promise<GatedHalf> {
  resetFolder(copy);
  const issued = await api.post<{ id: string; token: string }>(`agents/${agentId}/token`);
  const opened = await api.post<{ task: TaskView; token: string }>('tasks', {
    agent: agentId,
    purpose: task.purpose,
    tools: task.tools,
    limits: { callsMax: 50, secondsMax: 300 },
  });
  try {
    const order = { url: api.url, agentToken: issued.token, taskToken: opened.token };
    const done = await half(await gatedToolbox(order), realpathSync(copy.folder));
    const refused = done.acts.find(({ answer }) => answer.refused)?.answer.decision;
    const why =
      refused === undefined ? undefined : (await api.get<{ decision: WhyView }>(`decisions/${refused}`)).decision;
    return { ...done, task: opened.task.id, why };
  } finally {
    await api.post(`tasks/${opened.task.id}/end`, { why: 'the demo is over' });
    await api.post(`agents/${agentId}/revoke`, { token: issued.id });
  }
}

async function half(toolbox: Toolbox, folder: string): Promise<Half> {
  try {
    const acts = await runAgent(toolbox, folder);
    return { acts, leaked: leakIn(folder), summarised: existsSync(join(folder, summaryFile)) };
  } finally {
    await toolbox.close();
  }
}

function leakIn(folder: string): string | undefined {
  const file = join(folder, leakFile);
  return existsSync(file) && readFileSync(file, 'utf8').includes(madeUpKey()) ? leakFile : undefined;
}
