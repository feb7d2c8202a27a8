import { resolve } from 'node:path';
import type { OnAsk } from '@sallyport/gateway/replay/rehearse.ts';
import { type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError, type ExitStatus, exit, usageError } from '../exit.ts';
import { counted } from '../format/counted.ts';

export const replayCommand: Command = {
  name: 'replay',
  group: 'Policy',
  args: '<files...>',
  summary: 'decide recorded runs as if each call arrived now; no network, no gateway',
  about: `FILES are trajectories, one JSON object a line, also gzipped (\`-\` is standard input); TOOLS.json maps a toolset to its tools as in MCP tools/list
(docs/reference/replay.md). Nothing is performed. Ends with 0 if every line was decided, with 1 if one could not be used.`,
  examples: [
    ['sallyport replay --policies policies --tools tools.json runs.jsonl', 'what these policies would have stopped'],
    ['sallyport replay --policies new --tools tools.json --on-ask approve --json runs.jsonl', 'one JSON object a run'],
  ],
  options: [
    { flags: '--policies <dir>', text: 'directory of *.cedar files (required)' },
    { flags: '--tools <file>', text: 'TOOLS.json (required)' },
    { flags: '--on-ask <answer>', text: 'how a question is answered: approve, endorse or refuse (default)' },
  ],
  run,
};

const onAsks: readonly OnAsk[] = ['approve', 'endorse', 'refuse'];

async function run(given: Given): Promise<Outcome> {
  const { terminal } = given;
  const path = (name: string): string => {
    const value = text(given, name);
    if (value === undefined) throw usageError(`--${name} is required`, 'See `sallyport replay --help`.');
    return resolve(terminal.cwd, value);
  };
  const answered = text(given, 'onAsk') ?? 'refuse';
  const onAsk = onAsks.find(answer => answer === answered);
  if (onAsk === undefined) throw usageError('--on-ask is approve, endorse or refuse');
  const options = {
    policies: path('policies'),
    tools: path('tools'),
    files: given.args.map(file => (file === '-' ? '/dev/stdin' : resolve(terminal.cwd, file))),
    onAsk,
  } as const;
  return { status: await decideAll({ ...options, json: given.json }, given) };
}

type ReplayOrder = Parameters<typeof import('@sallyport/gateway/replay/on-cores.ts').replayOnCores>[0];

async function decideAll(order: ReplayOrder, { json, terminal }: Given): Promise<ExitStatus> {
  const { replayOnCores } = await import('@sallyport/gateway/replay/on-cores.ts');
  let status: ExitStatus = exit.ok;
  const total = { permit: 0, ask: 0, deny: 0, runs: 0 };
  try {
    for await (const { text: line, failed, summary } of replayOnCores(order)) {
      terminal.out(`${line}\n`);
      if (failed) status = exit.error;
      if (summary === undefined) continue;
      total.runs++;
      for (const answer of ['permit', 'ask', 'deny'] as const) total[answer] += summary[answer];
    }
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'ReplayFault') throw new CliError('replay', thrown.message);
    throw thrown;
  }
  const { runs, permit, ask, deny } = total;
  if (!json)
    terminal.err(`${counted(runs, 'run')}: ${counted(permit, 'call')} permitted, ${ask} asked, ${deny} denied\n`);
  return status;
}
