import { resolve } from 'node:path';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { OnAsk } from '@sallyport/gateway/replay/rehearse.ts';
import { type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError, type ExitStatus, exit, usageError } from '../exit.ts';
import { counted } from '../format/counted.ts';
import type { ReplaySetting } from '../replay-order.ts';

export const replayCommand: Command = {
  name: 'replay',
  group: 'Policy',
  args: '<files...>',
  summary: 'decide recorded runs as if each call arrived now; no network, no gateway',
  about: `Policies, agents, modes, and tools with all that is said of them are those of --config, or of the gateway that runs. With --policies
and --tools alone there is no configuration. FILES are trajectories, one JSON object a line, also gzipped (\`-\` is standard input); TOOLS.json maps
a toolset to its tools as in MCP tools/list (docs/reference/replay.md). Nothing is performed. Ends with 0 if every line was decided, with 1 if one
could not be used.`,
  examples: [
    ['sallyport replay --policies new runs.jsonl', 'what other policies would have decided on runs of this gateway'],
    ['sallyport replay --config sallyport.yaml runs.jsonl', 'the same, with all that another configuration says'],
    [
      'sallyport replay --policies policies --tools tools.json --json runs.jsonl',
      'runs from elsewhere, one JSON object a run',
    ],
  ],
  options: [
    { flags: '--config <file>', text: 'decide as its gateway would (default: that of the gateway that runs)' },
    { flags: '--policies <dir>', text: 'directory of *.cedar files (default: that of the configuration)' },
    { flags: '--tools <file>', text: 'TOOLS.json (default: what is pinned in the state directory)' },
    {
      flags: '--on-ask <answer>',
      text: 'how a question is answered: approve, endorse, refuse, or as the run has it: recorded (default)',
    },
  ],
  run,
};

const onAsks: readonly OnAsk[] = ['recorded', 'approve', 'endorse', 'refuse'];

async function run(given: Given): Promise<Outcome> {
  const { json, terminal } = given;
  const answered = text(given, 'onAsk') ?? 'recorded';
  const onAsk = onAsks.find(answer => answer === answered);
  if (onAsk === undefined) throw usageError(`--on-ask is one of ${onAsks.join(', ')}${didYouMean(answered, onAsks)}`);
  const files = given.args.map(file => (file === '-' ? '/dev/stdin' : resolve(terminal.cwd, file)));
  try {
    const { notes, ...setting } = await settingOf(given);
    const status = await decideAll({ ...setting, files, onAsk, json }, given);
    return { status, notes: json ? [] : notes };
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'ReplayFault')
      throw new CliError('replay', thrown.message, 'Correct it, or name another: see `sallyport replay --help`.');
    throw thrown;
  }
}

/** Without a configuration nothing is taken from anywhere but these two. */
async function settingOf(given: Given): Promise<ReplaySetting> {
  const [policies, tools] = ['policies', 'tools'].map(name => text(given, name));
  if (text(given, 'config') !== undefined || policies === undefined || tools === undefined)
    return (await import('../replay-order.ts')).configuredSetting(given);
  const { readToolsFile } = await import('@sallyport/gateway/replay/replay.ts');
  const { cwd } = given.terminal;
  return { policies: resolve(cwd, policies), toolsets: await readToolsFile(resolve(cwd, tools)), notes: [] };
}

type ReplayOrder = Parameters<typeof import('@sallyport/gateway/replay/on-cores.ts').replayOnCores>[0];

async function decideAll(order: ReplayOrder, { json, terminal }: Given): Promise<ExitStatus> {
  const { replayOnCores } = await import('@sallyport/gateway/replay/on-cores.ts');
  let status: ExitStatus = exit.ok;
  const total = { permit: 0, ask: 0, deny: 0, runs: 0 };
  for await (const { text: line, failed, summary } of replayOnCores(order)) {
    terminal.out(`${line}\n`);
    if (failed) status = exit.error;
    if (summary === undefined) continue;
    total.runs++;
    for (const answer of ['permit', 'ask', 'deny'] as const) total[answer] += summary[answer];
  }
  const { runs, permit, ask, deny } = total;
  if (!json)
    terminal.err(`${counted(runs, 'run')}: ${counted(permit, 'call')} permitted, ${ask} asked, ${deny} denied\n`);
  return status;
}
