import type { JsonNode, JsonObject } from '../model/json.ts';
import { toolKey } from '../model/tool.ts';
import { skeleton } from './name.ts';
import type { PinBook } from './pin-text.ts';
import type { PinRecord } from './pins.ts';

/** Why an item is held for what stands beside it, by `server/key`. */
export type Beside = ReadonlyMap<string, string>;

interface Offered {
  readonly server: string;
  readonly key: string;
  readonly record: PinRecord;
}

/**
 * What is wrong with a definition only because of another server's: a tool whose name looks like one there (threats B-1), and a text
 * that speaks of a tool there by its name. A server does not know what else somebody has; one that says how another's tools are to be
 * used changes what they do, whatever words it finds for it. Whoever was pinned first is not held for what came later; of two
 * at once both are; what an operator accepted stands.
 */
export function heldBeside(book: PinBook): Beside {
  const offered = [...book].flatMap(([server, { records }]) =>
    [...records].filter(([, { withdrawn }]) => !withdrawn).map(([key, record]): Offered => ({ server, key, record })),
  );
  const tools = offered.filter(({ record }) => record.kind === 'tool');
  const held = new Map<string, string>();
  for (const [one, why] of [...looksAlike(tools), ...namedLikeMerged(tools), ...speakOfOthers(offered, tools)]) {
    const key = toolKey(one.server, one.key);
    if (!isAccepted(one.record) && !held.has(key)) held.set(key, why);
  }
  return held;
}

/** The very same name is no twin: tools are always named with their server. */
function* looksAlike(tools: readonly Offered[]): Generator<[Offered, string]> {
  for (const group of Map.groupBy(tools, ({ record }) => skeleton(record.name)).values())
    for (const one of group) {
      const other = group.find(
        ({ server, record }) =>
          server !== one.server && record.name !== one.record.name && !isEarlier(one.record, record),
      );
      if (other !== undefined) yield [one, `the name looks like "${toolKey(other.server, other.record.name)}"`];
    }
}

/** `bank__send_money` of another server than `bank`: on a connection to that server alone it stands there as the bank's does on `/mcp`. */
function* namedLikeMerged(tools: readonly Offered[]): Generator<[Offered, string]> {
  const merged = new Map(tools.map(tool => [skeleton(`${tool.server}__${tool.record.name}`), tool]));
  for (const one of tools) {
    const other = merged.get(skeleton(one.record.name));
    if (other !== undefined && other.server !== one.server && !isEarlier(one.record, other.record))
      yield [one, `the name looks like "${toolKey(other.server, other.record.name)}"`];
  }
}

function* speakOfOthers(offered: readonly Offered[], tools: readonly Offered[]): Generator<[Offered, string]> {
  const own = new Set(tools.map(({ server, record }) => toolKey(server, record.name)));
  const named = new Map<string, Offered[]>();
  for (const tool of tools)
    for (const name of [
      `${tool.server}__${tool.record.name}`,
      toolKey(tool.server, tool.record.name),
      tool.record.name,
    ])
      if (isTelling(name)) named.set(name, [...(named.get(name) ?? []), tool]);
  for (const one of offered) {
    const other = wordsIn(one.record)
      .flatMap(word => named.get(word) ?? [])
      .find(
        ({ server, record }) =>
          server !== one.server && !own.has(toolKey(one.server, record.name)) && !isEarlier(one.record, record),
      );
    if (other !== undefined)
      yield [one, `its text speaks of "${toolKey(other.server, other.record.name)}", a tool of another server`];
  }
}

/** Joined of several words: no word of a language, and no other name for a thing (`search`, `fetch`). */
function isTelling(name: string): boolean {
  return name.length >= 6 && /[\p{L}\p{N}][-_./]+[\p{L}\p{N}]|[a-z][A-Z]/u.test(name);
}

const wordsKnown = new WeakMap<JsonObject, readonly string[]>();

/** Of the texts of a definition, not of its names and choices: what has a blank in it. */
function wordsIn({ candidate, pinned }: PinRecord): readonly string[] {
  const definition = (pinned ?? candidate)?.definition;
  if (definition === undefined) return [];
  const known = wordsKnown.get(definition);
  if (known !== undefined) return known;
  const found = new Set<string>();
  const walk = (node: JsonNode): void => {
    if (node.kind === 'string' && /\s/.test(node.value))
      for (const [word] of node.value.matchAll(/[A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?/g)) found.add(word);
    if (node.kind === 'array') node.items.forEach(walk);
    if (node.kind === 'object') for (const value of node.members.values()) walk(value);
  };
  walk(definition);
  const words = [...found].filter(isTelling);
  wordsKnown.set(definition, words);
  return words;
}

function isEarlier(one: PinRecord, other: PinRecord): boolean {
  return (one.pinned?.at ?? Number.POSITIVE_INFINITY) < (other.pinned?.at ?? Number.POSITIVE_INFINITY);
}

function isAccepted(record: PinRecord): boolean {
  return record.pinned !== undefined && record.pinned.by !== 'first-contact';
}
