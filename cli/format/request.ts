import { parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { laidOut } from '@sallyport/core/model/json-layout.ts';
import { wordOfScripts } from '@sallyport/core/model/scripts.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { cut, safe, safeLine } from './safe.ts';
import { moment } from './time.ts';

const linesMax = 40;
const lineCharsMax = 200;

/** The parameters as sent (JSON text), laid out for reading; what is cut is said aloud, and stands whole in `--json`. */
export function requestLines(params: string | undefined, paint: Paint): string[] {
  if (params === undefined) return [paint.faint('  not kept any more')];
  const lines = layOut(params).split('\n');
  const shown = lines.slice(0, linesMax).map(line => `  ${counted(safe(line), paint)}`);
  const left = lines.length - shown.length;
  const odd = wordOfScripts(params);
  return [
    ...shown,
    ...(left > 0 ? [paint.warn(`  … ${left} more lines; --json has all of them`)] : []),
    ...(odd === undefined
      ? []
      : [paint.warn(`  letters of more than one alphabet stand in one word: ${safeLine(odd)}`)]),
  ];
}

/** Whether nothing of it is left out there. */
export function isShownWhole(params: string): boolean {
  const lines = layOut(params).split('\n');
  return lines.length <= linesMax && lines.every(line => [...safe(line)].length <= lineCharsMax);
}

/** Somebody agrees to it: how much is not to be seen stands beside what is. */
function counted(line: string, paint: Paint): string {
  const left = [...line].length - lineCharsMax;
  const shown = [...line].slice(0, lineCharsMax).join('');
  return left > 0 ? `${shown}${paint.warn(`… and ${left} characters more; --json has them`)}` : line;
}

/** What a server answered (JSON text), behind a bar, since it may look like anything: the texts of an MCP result as texts, else laid out. */
export function cameBackLines(result: string | undefined, paint: Paint): string[] {
  if (result === undefined) return [];
  const lines = (textsIn(result) ?? layOut(result)).split('\n');
  const shown = lines.slice(0, cameLinesMax).map(line => `  │ ${cut(safe(line), cameLineCharsMax)}`);
  const isWhole = lines.length <= cameLinesMax && lines.every(line => [...line].length <= cameLineCharsMax);
  return isWhole ? shown : [...shown, paint.faint(`  … cut, ${result.length} characters in all; --json has them`)];
}

const cameLinesMax = 12;
const cameLineCharsMax = 600;

function textsIn(result: string): string | undefined {
  try {
    const { content } = JSON.parse(result) as { content?: readonly { readonly text?: unknown }[] };
    const texts = content?.map(({ text }) => text) ?? [];
    return texts.length > 0 && texts.every(text => typeof text === 'string') ? texts.join('\n') : undefined;
  } catch {
    return undefined;
  }
}

/** A text that is no JSON any more is shown as it is. */
function layOut(params: string): string {
  const parsed = parseJson(params, { ...resultJsonLimits, inexactNumbers: 'keep' });
  return parsed.ok ? laidOut(parsed.node) : params;
}

/** Facts by their policy names, one a line; `marked` are those that decided or could change the answer. */
export function factLines(facts: FactsView | undefined, paint: Paint): string[] {
  if (facts === undefined) return [paint.faint('  not kept any more')];
  const rows = (['task', 'flow', 'env', 'risk'] as const).flatMap(group =>
    // The ways of values have lines of their own: `valueLines`.
    Object.entries(facts[group] ?? {})
      .filter(([name]) => name !== 'ways')
      .map(([name, value]) => [`  context.${group}.${safeLine(name)}`, factText(name, value)]),
  );
  return columns([...argumentRows(facts), ...rows, ...contentRows(facts)]).split('\n');
}

function argumentRows({ input = {} }: FactsView): string[][] {
  return Object.entries(input).map(([name, type]) => [`  context.input${safeLine(name)}`, safeLine(type)]);
}

/** Parts of which there is nothing in this call are one line each. */
function contentRows({ content = {} }: FactsView): string[][] {
  return Object.entries(content).flatMap(([part, members]) =>
    members.present === false
      ? [[`  context.${part}.present`, 'false']]
      : Object.entries(members).map(([name, value]) => [`  context.${part}.${safeLine(name)}`, factText(name, value)]),
  );
}

function factText(name: string, value: unknown): string {
  if (name === 'now' && typeof value === 'number') return `${value} (${moment(value)})`;
  // What a clock elsewhere shows: it is not turned into what ours would.
  if (name === 'local' && typeof value === 'number') return new Date(value).toISOString().slice(0, -1);
  return cut(safeLine(typeof value === 'string' ? value : JSON.stringify(value)), lineCharsMax);
}
