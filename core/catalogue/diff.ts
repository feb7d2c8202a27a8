import { type JsonNode, type JsonObject, member, normalText, sortedText } from '../model/json.ts';
import { visible } from './text.ts';
import { wordDiff } from './words.ts';

const linesMax = 60;
const valueCharsMax = 160;

/**
 * What changed between two definitions, a line for each change, for the person who decides. Every value is shown with
 * its invisible characters written out. No line means that the two are the same definition.
 */
export function diffDefinitions(before: JsonObject | undefined, after: JsonObject): string[] {
  if (before === undefined) return ['new: nothing was accepted before', ...outline(after)];
  const lines = [...changes(before, after)];
  const more = lines.length - linesMax;
  return more > 0 ? [...lines.slice(0, linesMax), `… and ${more} more changes`] : lines;
}

function outline(definition: JsonObject): string[] {
  const properties = member(member(definition, 'inputSchema'), 'properties');
  const names = properties?.kind === 'object' ? [...properties.members.keys()].map(name => spelt(name, 64)) : [];
  const about = member(definition, 'description') ?? member(definition, 'instructions');
  return [
    ...(about?.kind === 'string' ? [`description: ${spelt(about.value)}`] : []),
    ...(names.length > 0 ? [`arguments: ${names.join(', ')}`] : []),
  ];
}

function* changes(before: JsonObject, after: JsonObject): Generator<string> {
  for (const name of union(before, after)) {
    const [a, b] = [before.members.get(name), after.members.get(name)];
    if (same(a, b)) continue;
    if (name === 'inputSchema') yield* schemaChanges(a, b);
    else if (name === 'annotations') yield* memberChanges('annotation ', a, b);
    else yield* valueChanges(name === 'outputSchema' ? 'output' : spelt(name, 64), a, b);
  }
}

function* schemaChanges(before: JsonNode | undefined, after: JsonNode | undefined): Generator<string> {
  const [a, b] = [member(before, 'properties'), member(after, 'properties')];
  for (const name of union(a, b)) {
    const [was, is] = [member(a, name), member(b, name)];
    const label = `argument "${spelt(name, 64)}"`;
    if (was === undefined && is !== undefined)
      yield `${label} added: ${summary(is)}${required(after, name) ? ', required' : ''}`;
    else if (is === undefined && was !== undefined) yield `${label} removed: it was ${summary(was)}`;
    else {
      if (!same(was, is)) yield* memberChanges(`${label} `, was, is);
      if (required(before, name) !== required(after, name))
        yield `${label} is ${required(after, name) ? 'now' : 'no longer'} required`;
    }
  }
  for (const name of union(before, after))
    if (name !== 'properties' && name !== 'required')
      yield* valueChanges(`schema ${spelt(name, 64)}`, member(before, name), member(after, name));
}

function* memberChanges(label: string, before: JsonNode | undefined, after: JsonNode | undefined): Generator<string> {
  for (const name of union(before, after))
    yield* valueChanges(`${label}${spelt(name, 64)}`, member(before, name), member(after, name));
}

/** Goes down into objects, so that a change is shown at its own place. */
function* valueChanges(label: string, before: JsonNode | undefined, after: JsonNode | undefined): Generator<string> {
  if (same(before, after)) return;
  if (before?.kind === 'object' && after?.kind === 'object') yield* memberChanges(`${label}.`, before, after);
  else if (before === undefined && after !== undefined) yield `${label} added: ${shown(after)}`;
  else if (after === undefined && before !== undefined) yield `${label} removed: it was ${shown(before)}`;
  else if (before?.kind === 'string' && after?.kind === 'string')
    yield `${label}: ${textChange(before.value, after.value)}`;
  else if (before !== undefined && after !== undefined) yield `${label}: ${shown(before)} -> ${shown(after)}`;
}

/** Word by word, `[-removed-]` and `{+added+}`, with long unchanged stretches left out. */
function textChange(before: string, after: string): string {
  const pieces = wordDiff(before, after);
  const text = pieces.map(({ kind, text }) => {
    if (kind === 'removed') return `[-${spelt(text.trim())}-]`;
    if (kind === 'added') return `{+${spelt(text.trim())}+}`;
    const words = spelt(text.trim(), 20_000);
    return words.length > 80 ? `${words.slice(0, 36)} … ${words.slice(-36)}` : words;
  });
  return text.filter(part => part !== '').join(' ');
}

function summary(schema: JsonNode): string {
  const type = member(schema, 'type');
  const about = member(schema, 'description');
  const rest = about?.kind === 'string' ? `, "${spelt(about.value, valueCharsMax)}"` : '';
  return `${type === undefined ? 'any type' : spelt(normalText(type).replaceAll('"', ''), 80)}${rest}`;
}

function shown(node: JsonNode): string {
  return spelt(normalText(node), valueCharsMax);
}

function required(schema: JsonNode | undefined, name: string): boolean {
  const names = member(schema, 'required');
  return names?.kind === 'array' && names.items.some(item => item.kind === 'string' && item.value === name);
}

function union(a: JsonNode | undefined, b: JsonNode | undefined): Set<string> {
  return new Set([a, b].flatMap(node => (node?.kind === 'object' ? [...node.members.keys()] : [])));
}

function same(a: JsonNode | undefined, b: JsonNode | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sortedText(a) === sortedText(b);
}

/** As it can be read, and so that nothing which a server wrote looks like a mark of ours: `[-` becomes `[\-`. */
function spelt(text: string, charsMax?: number): string {
  return visible(text, charsMax).replace(/(?<=\[)(?=-)|(?<=-)(?=\])|(?<=\{)(?=\+)|(?<=\+)(?=\})/g, '\\');
}
