import { normalText } from '@sallyport/core/model/json.ts';
import type { RecordedRun } from '@sallyport/gateway/replay/recorded-run.ts';
import { type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { counted } from '../format/counted.ts';
import { short } from '../format/ids.ts';
import { safeLine } from '../format/safe.ts';
import { namedFile, replaceOption, writeNamed } from '../given/named-file.ts';
import { instantOf } from '../given/when.ts';
import { knownTools, meantConfig } from '../known-tools.ts';

export const exportCommand: Command = {
  name: 'export',
  group: 'Evidence',
  summary: 'recorded runs as trajectories, to be decided again under other policies; no gateway needed',
  about: `Writes one JSON object a line, a run each, as \`sallyport replay\` reads it (docs/reference/replay.md). It holds what agents
sent and read: keep it as you keep the record. What is erased, or cannot be said in this format, is left out, and the line's \`left\` says so.`,
  examples: [
    ['sallyport export --format trajectory --tools tools.json > runs.jsonl', 'every run on record, and the tools'],
    ['sallyport export --format trajectory --task t_4c0v8m1r', 'one task'],
    ['sallyport export --format trajectory --since 24h', 'tasks in which something was decided since yesterday'],
  ],
  options: [
    { flags: '--format <format>', text: 'trajectory, which is all there is (required)' },
    { flags: '--task <id>', text: 'only this task' },
    {
      flags: '--since <when>',
      text: 'only tasks in which something was decided since: 2026-11-23, 2026-11-23T14:00, 90m, 24h, 7d',
    },
    { flags: '--tools <file>', text: 'write the tools of these runs there, the TOOLS.json of replay' },
    {
      flags: '--config <file>',
      text: 'the configuration file, for tools that it brings itself (default: that of the gateway that runs)',
    },
    replaceOption,
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { terminal } = given;
  if (text(given, 'format') !== 'trajectory')
    throw usageError('--format is trajectory', 'sallyport export --format trajectory');
  const task = text(given, 'task');
  const order = { stateDir: given.stateDir, task, since: instantOf(given, 'since') };
  const tools = await namedFile(given, 'tools');
  const servers = new Set<string>();
  const notes: string[] = [];
  let runs = 0;
  for await (const one of runsOf(order)) {
    notes.push(...notesOf(one));
    for (const server of one.servers) servers.add(server);
    if (one.line === undefined) continue;
    runs++;
    terminal.out(`${one.line}\n`);
  }
  if (runs === 0 && task !== undefined && notes.length === 0)
    throw new CliError('not-found', `nothing was decided in a task ${safeLine(task)}`, 'See: sallyport tasks');
  if (tools !== undefined) notes.push(...writeTools(tools, toolsets(servers, given)));
  if (!given.json) terminal.err([`${counted(runs, 'run')} exported`, ...notes, ''].join('\n'));
  return {};
}

async function* runsOf(order: Parameters<typeof import('@sallyport/gateway/replay/record-reader.ts').recordedRuns>[0]) {
  const { recordedRuns } = await import('@sallyport/gateway/replay/record-reader.ts');
  try {
    yield* recordedRuns(order);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    throw new CliError(
      'not-found',
      `there is no journal in ${order.stateDir}`,
      'Name the state directory: --state DIR.',
    );
  }
}

function notesOf({ task, line, left }: RecordedRun): string[] {
  const out = line === undefined ? ['nothing of it can be decided again', ...left] : left;
  return out.map(sentence => `${short(task)}: ${sentence}`);
}

type Toolset = readonly [id: string, tools: readonly string[]];

/** Returns what is missing in it. */
function writeTools(file: string, sets: readonly Toolset[]): string[] {
  const members = sets.map(([id, tools]) => `${JSON.stringify(id)}:[${tools.join(',\n')}]`);
  writeNamed(file, `{${members.join(',\n')}}\n`);
  const empty = sets.filter(([, tools]) => tools.length === 0);
  return empty.map(([id]) => `${id}: no tool of it is known here any more; a replay denies its calls`);
}

/**
 * What is pinned of these servers, each tool as `tools/list` has it, those that are not configured any more included. What the
 * configuration says about tools (classes, labels) has no place there.
 */
function toolsets(ids: ReadonlySet<string>, given: Given): Toolset[] {
  // `knownTools` reads `--tools`, which here is written.
  const plain = { ...given, options: { config: given.options.config } };
  const [now, ever] = [knownTools(plain, meantConfig(plain)).catalogue, knownTools(plain, undefined).catalogue];
  return [...ids].map(id => {
    const tools = (now.servers.get(id) ?? ever.servers.get(id))?.tools.values() ?? [];
    return [
      id,
      [...tools].flatMap(({ status, definition }) => (status.kind === 'pinned' ? [normalText(definition)] : [])),
    ];
  });
}
