import type { JsonNode, JsonObject } from '../../model/json.ts';
import { namesProgram } from './signs.ts';
import { doubtfulVerbs, plainVerbs, type VerbKind } from './verbs.ts';
import { type Words, wordSet, wordsOf } from './words.ts';

/** A name of an operation, of which no word changes or runs anything: not `get rid of it`, `fetch_and_zorp`, `load_module`. */
export function namesReading(value: string): boolean {
  if (!/^[\w.:/-]{1,64}$/.test(value)) return false;
  const words = wordsOf(value);
  const kinds = words.map(word => plainVerbs.get(word) ?? doubtfulVerbs.get(word));
  const reads = (at: number): boolean => kinds[at] === 'read' && !acting.has(words[at] ?? '');
  return (
    kinds.some((_, at) => reads(at)) &&
    kinds.every(
      (kind, at) => reads(at) || (kind === undefined && words[at] !== 'into' && !joining.has(words[at - 1] ?? '')),
    )
  );
}

/** What they read they run, go to, or give to somebody who acts. */
const acting: Words = wordSet('evaluate interpret load navigate goto visit crawl scrape ask think');
/** Behind these a word that nobody knows is a verb, or where it is put. */
const joining: Words = wordSet('and or then else');

const depthMax = 5;

/**
 * Beside an operation that reads, something comes that is more than what to look for: a program, by the name of its member or
 * by how it is written, a flag of a command, or another operation. Whoever reads a deal needs none of these.
 */
export function bringsMore(input: JsonObject, mode: string): boolean {
  return [...input.members].some(([name, value]) => name !== mode && memberActs(name, value, 0));
}

function memberActs(name: string, value: JsonNode, depth: number): boolean {
  if (namesProgram(name)) return true;
  // `purge: "yes"`, `delete_slot: "S-9"`
  const isOff = value.kind === 'null' || (value.kind === 'boolean' && !value.value);
  if (depth > 0 && !isOff && grave.has(plainVerbs.get(wordsOf(name)[0] ?? '') ?? 'read')) return true;
  return acts(value, depth + 1);
}

function acts(node: JsonNode, depth: number): boolean {
  if (depth > depthMax) return true;
  if (node.kind === 'string') return isProgram(node.value) || namesChange(node.value) || packs(node.value);
  if (node.kind === 'array') return node.items.some(item => acts(item, depth + 1));
  if (node.kind !== 'object') return false;
  const { members } = node;
  // `{ name: "cmd", value: "id" }`
  const isPair = [...members.keys()].some(key => /^(?:value|val|v|data)$/i.test(key));
  return [...members].some(
    ([name, value]) =>
      memberActs(name, value, depth) || (isPair && value.kind === 'string' && namesProgram(value.value)),
  );
}

/** A call, a pipe, a statement behind another, a template, a flag of a command. */
const program =
  /[\p{L}_\])]\(|;\s*\S|\s\|\s*\p{L}|`|\$[({]|\{\{|\{%|=>|&&|\|\||^#!|(?:^|\s)--?\p{L}|<script|\n[ \t]*(?:import|def|from)\s/iu;

function isProgram(value: string): boolean {
  return program.test(value);
}

/** The name of an operation that changes something: `delete_slot`, `deleteSlot`, or one grave verb alone. */
function namesChange(value: string): boolean {
  if (!/^(?:[a-z]+(?:[_.][a-z]+)*|[a-z]+(?:[A-Z][a-z]+)+)$/.test(value)) return false;
  const words = wordsOf(value);
  const kind = plainVerbs.get(words[0] ?? '');
  return kind !== undefined && (grave.has(kind) || (words.length > 1 && !harmless.has(kind)));
}

/** Members in a text: JSON, a query, `cmd=id`. */
function packs(value: string): boolean {
  return [...value.matchAll(/([\w-]{1,40})["']?\s*[:=]/g)].some(([, name = '']) => namesProgram(name));
}

const harmless: ReadonlySet<VerbKind> = new Set(['read', 'light', 'compute', 'open']);
const grave: ReadonlySet<VerbKind> = new Set([
  ...(['destroy', 'admin', 'money', 'approve', 'physical', 'code', 'run', 'send', 'message', 'egress'] as const),
]);
