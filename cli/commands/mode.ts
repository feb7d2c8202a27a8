import { type Mode, modesLoosestFirst } from '@sallyport/core/model/decision.ts';
import { nearest } from '@sallyport/core/model/nearest.ts';
import type { ModesView } from '@sallyport/gateway/api/view/status.ts';
import type { Api } from '../api.ts';
import { arg, type Command, confirmed, type Given, type Outcome, yesOption } from '../command.ts';
import { type CliError, usageError } from '../exit.ts';
import { table } from '../format/columns.ts';
import { operatorNote } from '../format/operator.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';
import { agentMustBeThere, serverMustBeThere, toolMustBeThere } from '../given/must-be-there.ts';
import { didYouMean } from '../given/suggest.ts';

export const mode: Command = {
  name: 'mode',
  group: 'Policy',
  args: '[words...]',
  summary: 'show the modes, or set one: observe, shadow, enforce',
  about: `Usage: \`sallyport mode\`, \`sallyport mode MODE\`, \`sallyport mode SCOPE MODE\`. SCOPE is \`default\`, \`agent:ID\`, \`server:ID\`,
\`tool:SERVER/NAME\` or \`class:NAME\`; of those that are set the strictest holds. MODE may be \`unset\`. Modes relax policy
denials only: an unknown agent, an ended task, a kill or a fault is refused in every mode.`,
  examples: [
    ['sallyport mode', 'what is set, and by whom'],
    ['sallyport mode class:money enforce', 'enforce where money moves'],
    ['sallyport mode agent:assistant shadow', 'for one agent only record what would have been done'],
  ],
  options: [yesOption],
  run,
};

const words: readonly string[] = [...modesLoosestFirst, 'unset'];

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const answer = await api.get<{ modes: ModesView }>('modes');
  const first = arg(given, 0);
  if (first === '') return { json: answer, text: modesTable(answer.modes, given.paint) };
  if (given.args.length > 2) throw usageError('at most a scope and a mode are taken', 'See `sallyport mode --help`.');
  const [scope, wanted] = given.args.length === 1 ? ['default', first] : [first, arg(given, 1)];
  if (!words.includes(wanted)) throw noMode(wanted, scope);
  await scopeMustBeThere(scope, api);
  if (loosens(answer.modes, scope, wanted))
    await confirmed(given, `From now on denials for ${safeLine(scope)} may only be recorded (mode ${wanted}). Go on?`);
  const changed = await api.post<{ modes: ModesView }>('modes', { scope, mode: wanted });
  return {
    json: changed,
    text: modesTable(changed.modes, given.paint),
    notes: [...nextSteps(answer.modes, scope, wanted), ...operatorNote(changed.operator, given.paint)],
  };
}

/** Before anything is asked about it; any other scope is the gateway's to judge. */
async function scopeMustBeThere(scope: string, api: Api): Promise<void> {
  const [, kind, name = ''] = /^(agent|server|tool):(.*)$/s.exec(scope) ?? [];
  if (kind === 'agent') await agentMustBeThere(name, api, scope);
  if (kind === 'server') await serverMustBeThere(name, api, scope);
  if (kind === 'tool') await toolMustBeThere(name, api, scope);
}

/** Whoever named a scope alone, or both the other way round, meant one line. */
function noMode(wanted: string, scope: string): CliError {
  const isScope = wanted === 'default' || /^(?:agent|server|tool|class):/.test(wanted);
  const turned = words.includes(scope);
  const near = isScope ? `sallyport mode ${wanted} ${turned ? scope : 'enforce'}` : nearest(wanted, words);
  const fix = near === undefined ? `Modes are ${words.join(', ')}.` : didYouMean(near);
  return usageError(`${safeLine(wanted)} is no mode`, fix);
}

/** How to see what it does, and how to take it back. */
function nextSteps({ scopes }: ModesView, scope: string, wanted: string): string[] {
  const before = scopes.find(view => view.scope === scope && view.source === 'operator')?.mode ?? 'unset';
  const look =
    wanted === 'enforce'
      ? ['watch what it refuses: sallyport tail --follow']
      : wanted === 'unset'
        ? []
        : ['what enforcing would have done: sallyport report'];
  return before === wanted ? look : [...look, `undo: sallyport mode ${safeLine(scope)} ${before}`];
}

/** True unless the new mode is surely as strict as what holds for the scope now. */
function loosens(modes: ModesView, scope: string, wanted: string): boolean {
  if (wanted === 'enforce') return false;
  const now = modes.scopes.find(view => view.scope === scope)?.mode ?? modes.fallback;
  return wanted === 'unset' || modesLoosestFirst.indexOf(wanted as Mode) < modesLoosestFirst.indexOf(now);
}

function modesTable(modes: ModesView, paint: Paint): string {
  const rows = modes.scopes.map(({ scope, mode: set, source }) => [safeLine(scope), paint.bold(set), source]);
  const fallback = modes.scopes.some(({ scope }) => scope === 'default')
    ? []
    : [['default', paint.bold(modes.fallback), 'config']];
  return table(['scope', 'mode', 'set by'], [...fallback, ...rows], paint.faint);
}
