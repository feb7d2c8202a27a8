import { appendFileSync, readFileSync } from 'node:fs';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Play, PlayedStep, PlayLine } from './play.ts';

/**
 * The tools of one suite as a real MCP server: `node serve-main.ts TOOLS.json TOOLSET PLAY.json PERFORMED.jsonl`.
 * It answers a call as PLAY.json recorded it, and writes every call that reached it to PERFORMED.jsonl.
 */
const [toolsFile = '', toolset = '', playFile = '', performedFile = ''] = process.argv.slice(2);
const tools = (JSON.parse(readFileSync(toolsFile, 'utf8')) as Record<string, object[]>)[toolset] ?? [];

let current = '';
let used = new Set<number>();

const server = new Server({ name: toolset, version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }) as never);
server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
  const { run, step } = take(params.name, params.arguments ?? {});
  const line: PlayLine = { run, index: step?.index ?? -1, name: params.name };
  appendFileSync(performedFile, `${JSON.stringify(line)}\n`);
  const progressToken = params._meta?.progressToken;
  for (const { via, text } of step?.said ?? []) {
    if (via === 'log')
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data: text } });
    else if (progressToken !== undefined)
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress: 1, message: text },
      });
  }
  const failed = step?.error !== undefined && step.error !== null;
  const answer = failed ? step.error : (step?.result ?? 'ok');
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return { content: [{ type: 'text', text }], ...(failed ? { isError: true } : {}) };
});
await server.connect(new StdioServerTransport());

/** The first step of the run that is not used yet and is this very call; else one of the same tool. */
function take(name: string, args: object): { run: string; step: PlayedStep | undefined } {
  const play = JSON.parse(readFileSync(playFile, 'utf8')) as Play;
  if (play.run !== current) used = new Set();
  current = play.run;
  const free = play.steps.filter(step => step.name === name && !used.has(step.index));
  const text = JSON.stringify(args);
  const step = free.find(step => JSON.stringify(step.args ?? {}) === text) ?? free[0];
  if (step !== undefined) used.add(step.index);
  return { run: play.run, step };
}
