import {
  type JsonNode,
  type JsonObject,
  member,
  normalText,
  parseJson,
  resultJsonLimits,
  stringMember,
} from '../model/json.ts';
import type { Candidate, Pinned, PinRecord, ServerPins } from './pins.ts';
import type { ItemKind } from './read.ts';

/** All servers' pins, by server id. */
export type PinBook = ReadonlyMap<string, ServerPins>;

/** The book as JSON text, one record a line, so that people can compare two of them. */
export function pinBookText(book: PinBook): string {
  const servers = [...book].map(([id, pins]) => `${JSON.stringify(id)}:${serverText(pins)}`);
  return `{"v":1,"servers":{\n${servers.join(',\n')}\n}}\n`;
}

function serverText(pins: ServerPins): string {
  const records = [...pins.records].map(([key, record]) => `${JSON.stringify(key)}:${recordText(record)}`);
  const head = `{"firstContactAt":${pins.firstContactAt},"capabilities":${normalText(pins.capabilities)}`;
  return `${head},"records":{\n${records.join(',\n')}\n}}`;
}

function recordText({ kind, name, withdrawn, pinned, candidate }: PinRecord): string {
  const parts = [`"kind":"${kind}"`, `"name":${JSON.stringify(name)}`, `"withdrawn":${withdrawn}`];
  if (pinned !== undefined) parts.push(`"pinned":{${offerText(pinned)},"by":${JSON.stringify(pinned.by)}}`);
  if (candidate !== undefined)
    parts.push(
      `"candidate":{${offerText(candidate)},"why":${JSON.stringify(candidate.why)},"final":${candidate.final}}`,
    );
  return `{${parts.join(',')}}`;
}

function offerText({ pin, at, definition }: { pin: string; at: number; definition: JsonObject }): string {
  return `"pin":${JSON.stringify(pin)},"at":${at},"definition":${normalText(definition)}`;
}

export type PinBookRead = { readonly ok: true; readonly book: PinBook } | { readonly ok: false; readonly why: string };

/** Reads what `pinBookText` wrote. Anything else is a fault: pins that cannot be read vouch for nothing. */
export function readPinBook(text: string): PinBookRead {
  const parsed = parseJson(text, { ...resultJsonLimits, charsMax: 256 * 1024 * 1024, valuesMax: 50_000_000 });
  if (!parsed.ok) return { ok: false, why: `${parsed.fault.message} at character ${parsed.fault.offset}` };
  try {
    const version = member(parsed.node, 'v');
    if (version?.kind !== 'number' || version.text !== '1') throw new Unreadable('v');
    return { ok: true, book: mapOf(member(parsed.node, 'servers'), 'servers', readServer) };
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { ok: false, why: `the member ${thrown.message} is missing or wrong` };
    throw thrown;
  }
}

class Unreadable extends Error {}

function readServer(node: JsonNode): ServerPins {
  return {
    firstContactAt: number(node, 'firstContactAt'),
    capabilities: object(node, 'capabilities'),
    records: mapOf(member(node, 'records'), 'records', readRecord),
  };
}

const kinds: readonly ItemKind[] = ['tool', 'prompt', 'template', 'instructions'];

function readRecord(node: JsonNode): PinRecord {
  const kind = kinds.find(known => known === string(node, 'kind'));
  if (kind === undefined) throw new Unreadable('kind');
  const [pinned, candidate] = [member(node, 'pinned'), member(node, 'candidate')];
  return {
    kind,
    name: string(node, 'name'),
    withdrawn: boolean(node, 'withdrawn'),
    pinned: pinned === undefined ? undefined : readPinned(pinned),
    candidate: candidate === undefined ? undefined : readCandidate(candidate),
  };
}

function readPinned(node: JsonNode): Pinned {
  return { ...offer(node), by: string(node, 'by') };
}

function readCandidate(node: JsonNode): Candidate {
  return { ...offer(node), why: string(node, 'why'), final: boolean(node, 'final') };
}

function offer(node: JsonNode): Pick<Pinned, 'pin' | 'at' | 'definition'> {
  return { pin: string(node, 'pin'), at: number(node, 'at'), definition: object(node, 'definition') };
}

function mapOf<T>(node: JsonNode | undefined, name: string, read: (node: JsonNode) => T): Map<string, T> {
  if (node?.kind !== 'object') throw new Unreadable(name);
  return new Map([...node.members].map(([key, value]) => [key, read(value)]));
}

function string(node: JsonNode, name: string): string {
  const value = stringMember(node, name);
  if (value === undefined) throw new Unreadable(name);
  return value;
}

function number(node: JsonNode, name: string): number {
  const value = member(node, name);
  if (value?.kind !== 'number') throw new Unreadable(name);
  return value.value;
}

function boolean(node: JsonNode, name: string): boolean {
  const value = member(node, name);
  if (value?.kind !== 'boolean') throw new Unreadable(name);
  return value.value;
}

function object(node: JsonNode, name: string): JsonObject {
  const value = member(node, name);
  if (value?.kind !== 'object') throw new Unreadable(name);
  return value;
}
