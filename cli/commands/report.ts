import { type Command, count, type Given, type Outcome, text } from '../command.ts';
import { columns, facts, table } from '../format/columns.ts';
import { short } from '../format/ids.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';
import { duration, moment } from '../format/time.ts';
import { agentMustBeThere } from '../given/must-be-there.ts';
import { type Report, readReport } from '../report.ts';

export const report: Command = {
  name: 'report',
  group: 'See',
  summary: 'what was asked and refused, and what enforcing would have asked or refused',
  about: `Out of the record: by agent and tool, by rule, and the few scopes that could be enforced with the fewest questions. What was
enforced is counted as asked and refused. While a scope is observed nothing is refused: it is counted as what would have been. The tables
count what policy decided in every mode.`,
  examples: [
    ['sallyport report', 'the last seven days'],
    ['sallyport report --days 1 --agent claude-code', 'one agent, since yesterday'],
  ],
  options: [
    { flags: '--days <n>', text: 'so many days back (default 7)' },
    { flags: '--agent <id>', text: 'only this agent' },
  ],
  run,
};

const dayMillis = 86_400_000;
const toolsShown = 15;

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const days = count(given, 'days') ?? 7;
  const agent = text(given, 'agent');
  const found = await readReport(api, Date.now() - days * dayMillis, agent);
  if (found.calls === 0 && agent !== undefined) await agentMustBeThere(agent, api);
  if (found.calls === 0)
    return {
      json: { report: found },
      notes: [
        `Nothing was decided in the last ${days === 1 ? 'day' : `${days} days`}. Is a client wrapped? sallyport doctor`,
      ],
    };
  return { json: { report: found }, text: textOf(found, given), notes: notesOf(found) };
}

function textOf(found: Report, { paint }: Given): string {
  const { calls, permitted, asked, refused, enforced, overruled } = found;
  const share = (part: number): string => (part === 0 ? '0' : `${part}  (${((100 * part) / calls).toFixed(1)} %)`);
  const warned = (part: number): string => (part === 0 ? '0' : paint.warn(share(part)));
  const bad = (part: number): string => (part === 0 ? '0' : paint.bad(share(part)));
  const did = enforced.calls > 0;
  const would = enforced.calls < calls;
  const head = facts(
    [
      ['from', `${moment(found.from)} to ${moment(found.to)}, ${duration(found.to - found.from)}`],
      ['decided', String(calls)],
      ['permitted', share(permitted)],
      did ? ['asked', warned(enforced.asked)] : undefined,
      did ? ['refused', bad(enforced.refused)] : undefined,
      would ? ['would ask', warned(asked - enforced.asked)] : undefined,
      would ? ['would refuse', bad(refused - enforced.refused)] : undefined,
      overruled.asked === 0 ? undefined : ['asked there', `${overruled.asked} ran after their client asked its user`],
      overruled.refused === 0
        ? undefined
        : ['NOT HEEDED', paint.bad(`${overruled.refused} ran although they were refused`)],
    ],
    paint.faint,
  );
  const tools = found.tools
    .slice(0, toolsShown)
    .map(each => [
      safeLine(each.agent),
      paint.bold(safeLine(each.tool)),
      ...[each.calls, each.permitted, each.asked, each.refused].map(String),
    ]);
  const more = found.tools.length - tools.length;
  return [
    head,
    '',
    table(['agent', 'tool', 'calls', 'permit', 'ask', 'deny'], tools, paint.faint),
    ...(more > 0 ? [paint.faint(`and ${more} more: --json`)] : []),
    ...rulesText(found, paint),
    ...suggestedText(found, paint),
  ].join('\n');
}

function rulesText({ rules }: Report, paint: Paint): string[] {
  if (rules.length === 0) return [];
  const rows = rules.map(({ rule, count: times, tools, why, decision }) => [
    paint.bold(safeLine(rule)),
    String(times),
    safeLine(tools.length === 1 ? (tools[0] ?? '') : `${tools.length} tools`),
    short(decision),
    safeLine(why),
  ]);
  return ['', table(['rule', 'times', 'where', 'the newest', 'because'], rows, paint.faint)];
}

function suggestedText({ suggested }: Report, paint: Paint): string[] {
  if (suggested.length === 0) return [];
  const rows = suggested.map(({ command, calls, asked, refused }) => [
    `  ${paint.bold(command)}`,
    `would have asked ${asked} and refused ${refused} of ${calls}`,
  ]);
  return ['', paint.bold('could be enforced'), columns(rows)];
}

function notesOf({ rules, suggested }: Report): string[] {
  const [first] = rules;
  return [
    ...(first === undefined ? [] : [`why: sallyport why ${short(first.decision)}`]),
    ...(suggested.length === 0 ? [] : ['try one call before: sallyport try AGENT TOOL name=value']),
  ];
}
