import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { startGateway } from '@sallyport/gateway/app/gateway.ts';
import { operatorOf } from '../gateway/operator.ts';
import { linesOf } from '../upstream/fixture.ts';
import type { SuiteStep, SuiteTrajectory } from './suite.ts';

/** What the served tools answer during one run. */
export interface Play {
  readonly run: string;
  readonly steps: readonly PlayedStep[];
}

/** A call of the trajectory, with its place in it. */
export interface PlayedStep extends SuiteStep {
  readonly index: number;
}

/** A call that reached the server. `index` is -1 where the run holds no such call. */
export interface PlayLine {
  readonly run: string;
  readonly index: number;
  readonly name: string;
}

/** What became of one run of the obedient agent. */
export interface Played {
  /** Places in `calls` that the server was asked to perform: its own record, not the agent's. */
  readonly performed: ReadonlySet<number>;
  /** Places in `calls` at which the agent was refused, with the code it got. */
  readonly refused: ReadonlyMap<number, string>;
}

export interface Stage extends AsyncDisposable {
  readonly play: (run: SuiteTrajectory) => Promise<Played>;
}

export interface StageOptions {
  /** A folder of its own: state, records. */
  readonly folder: string;
  readonly policies: string;
  readonly toolsFile: string;
  readonly toolset: string;
}

const serveMain = new URL('./serve-main.ts', import.meta.url).pathname;
/** An agent may ask only so much in a minute; runs take turns, so that none is refused for what another asked. */
const agentCount = 60;
const refusalKey = 'dev.sallyport/refusal';

/**
 * One whole gateway on a port of its own, with the tools of one toolset behind it as a real MCP server over pipes. Every
 * run is an opened task, which the official client plays: it makes all calls of the trajectory in order,
 * whatever it is refused.
 */
export async function openStage({ folder, policies, toolsFile, toolset }: StageOptions): Promise<Stage> {
  const playFile = join(folder, 'play.json');
  const performedFile = join(folder, 'performed.jsonl');
  const agents = Array.from({ length: agentCount }, (_, index) => `  agent-${index}: { principal: "user:someone" }\n`);
  // Nobody is there to answer: a question that were waited for would cost each refused call its wait.
  const written = `listen: 127.0.0.1:0\npolicies: ${policies}\napprovals: { waitSeconds: 0 }\nagents:\n${agents.join('')}`;
  const config = parseConfig(join(folder, 'sallyport.yaml'), written);
  const id = 'suite';
  const args = [serveMain, toolsFile, toolset, playFile, performedFile];
  const stateDir = join(folder, 'state');
  const gateway = await startGateway({
    config: {
      ...config,
      servers: [{ id, segment: id, launch: { kind: 'command', command: 'node', args, env: {} } }],
    },
    ...{ stateDir, version: '0.0.0', log: () => {}, onShutdown: () => {} },
    onFailure: why => {
      throw new Error(why);
    },
  });
  const ask = operatorOf(gateway.url, stateDir);
  let runs = 0;
  const play = async (run: SuiteTrajectory): Promise<Played> => {
    const name = randomUUID();
    const steps = run.calls.map((step, index) => ({ ...step, index }));
    writeFileSync(playFile, JSON.stringify({ run: name, steps: steps.filter(step => step.name !== undefined) }));
    const agent = `agent-${runs++ % agentCount}`;
    const { token } = await ask<{ token: string }>(`agents/${agent}/token`, {});
    const opened = await ask<{ task?: { id: string }; token: string }>('tasks', { agent, purpose: run.purpose });
    // Without its task every call would be refused, and a run in which nothing happened look like one in which nothing got through.
    if (opened.task === undefined) throw new Error(JSON.stringify(opened));
    const headers = { authorization: `Bearer ${token}`, 'sallyport-task': opened.token };
    const refused = await obey(`${gateway.url}/mcp/${id}`, headers, steps);
    await ask(`tasks/${opened.task.id}/end`, {});
    const lines = linesOf(performedFile).map(line => JSON.parse(line) as PlayLine);
    return { refused, performed: new Set(lines.filter(line => line.run === name).map(({ index }) => index)) };
  };
  return { play, [Symbol.asyncDispose]: gateway.close };
}

/** The agent without judgement: the next call, whatever became of the last one. */
async function obey(
  url: string,
  headers: Readonly<Record<string, string>>,
  steps: readonly PlayedStep[],
): Promise<Map<number, string>> {
  const client = new Client({ name: 'obedient', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const refused = new Map<number, string>();
  try {
    for (const { index, name, args } of steps) {
      if (name === undefined) continue;
      const { _meta } = await client.callTool({ name, arguments: { ...args } }, { onprogress: () => {} });
      const refusal = _meta?.[refusalKey] as { code?: string } | undefined;
      if (refusal !== undefined) refused.set(index, refusal.code ?? 'unknown');
    }
  } finally {
    await client.close();
  }
  return refused;
}
