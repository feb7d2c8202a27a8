import type { Instant } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import { type Checked, passed, refused } from '../model/refusal.ts';
import { diffDefinitions } from './diff.ts';
import { type Item, type ItemKind, itemKey } from './read.ts';

/** What is known of everything that one server has ever offered. A value: a change makes a new one. */
export interface ServerPins {
  readonly firstContactAt: Instant;
  /** The `capabilities` object of the last contact, so that the catalogue stands while the server does not. */
  readonly capabilities: JsonObject;
  readonly records: ReadonlyMap<string, PinRecord>;
}

export interface PinRecord {
  readonly kind: ItemKind;
  readonly name: string;
  readonly pinned: Pinned | undefined;
  /** What the server offers instead. While there is one, the item is quarantined. */
  readonly candidate: Candidate | undefined;
  /** The server offered it once and does not now. */
  readonly withdrawn: boolean;
}

export interface Pinned {
  readonly pin: string;
  readonly definition: JsonObject;
  readonly at: Instant;
  /** `first-contact`, or the operator who accepted it. */
  readonly by: string;
}

export interface Candidate {
  readonly pin: string;
  readonly definition: JsonObject;
  readonly at: Instant;
  readonly why: string;
  /** Too costly to hold: it cannot be accepted. */
  readonly final: boolean;
}

/** What happened to one pin; the journal's `pinned` entry says the same. */
export interface PinChange {
  readonly key: string;
  readonly pin: string;
  readonly by: string;
  readonly state: 'pinned' | 'quarantined' | 'withdrawn';
  readonly why: string;
}

/** What a server offered at one moment. */
export interface Sighting {
  readonly items: readonly Item[];
  readonly capabilities: JsonObject;
  /** False for one agent's own connection: what is missing there is not withdrawn for everybody. */
  readonly whole: boolean;
}

/** A server that invents new items for ever must not fill the disk: beyond this many, new ones are not kept. */
export const recordsMax = 5_000;

export interface Met {
  readonly pins: ServerPins;
  readonly changes: readonly PinChange[];
}

/**
 * First contact pins all clean definitions. From then on whatever is new or different is quarantined until an operator
 * accepts it, and stays so even if the server goes back to what it was: a definition that flickers is the attack
 * (threats B-3). What is no longer offered is recorded as withdrawn, and is itself again when it returns unchanged.
 */
export function meet(known: ServerPins | undefined, sighting: Sighting, now: Instant): Met {
  const changes: PinChange[] = [];
  const records = new Map(known?.records);
  const seen = new Set<string>();
  for (const item of sighting.items) {
    const key = itemKey(item.kind, item.name);
    seen.add(key);
    const before = records.get(key);
    if (before === undefined && records.size >= recordsMax) continue;
    const record = before === undefined ? firstSeen(item, known === undefined, now) : seenAgain(before, item, now);
    if (record === before) continue;
    records.set(key, record);
    changes.push(changeOf(key, record, before));
  }
  for (const [key, record] of sighting.whole ? records : []) {
    if (seen.has(key) || record.withdrawn) continue;
    // What nobody ever accepted leaves nothing behind but its entries in the journal.
    if (record.pinned === undefined) records.delete(key);
    else records.set(key, { ...record, withdrawn: true });
    changes.push({ key, pin: pinIn(record), by: 'gateway', state: 'withdrawn', why: 'the server no longer offers it' });
  }
  const firstContactAt = known?.firstContactAt ?? now;
  return { pins: { firstContactAt, capabilities: sighting.capabilities, records }, changes };
}

function firstSeen(item: Item, firstContact: boolean, now: Instant): PinRecord {
  const base = { kind: item.kind, name: item.name, withdrawn: false };
  const why = item.concerns.map(concern => concern.why);
  if (firstContact && why.length === 0)
    return {
      ...base,
      pinned: { pin: item.pin, definition: item.definition, at: now, by: 'first-contact' },
      candidate: undefined,
    };
  const reasons = firstContact ? why : ['new since the first contact', ...why];
  return { ...base, pinned: undefined, candidate: candidateOf(item, reasons, now) };
}

function seenAgain(record: PinRecord, item: Item, now: Instant): PinRecord {
  const here = record.withdrawn ? { ...record, withdrawn: false } : record;
  if (record.candidate !== undefined) {
    if (record.candidate.pin === item.pin) return here;
    return { ...here, candidate: candidateOf(item, changed(record, item), now) };
  }
  if (record.pinned?.pin === item.pin) return here;
  return { ...here, candidate: candidateOf(item, changed(record, item), now) };
}

function changed(record: PinRecord, item: Item): string[] {
  if (record.pinned === undefined) return ['changed before it was accepted', ...item.concerns.map(({ why }) => why)];
  if (record.pinned.pin === item.pin) return ['it changed, and changed back'];
  const [first = 'the definition changed', ...more] = diffDefinitions(record.pinned.definition, item.definition);
  const rest = more.length > 0 ? ` (and ${more.length} more)` : '';
  return [`changed since it was accepted: ${first}${rest}`, ...item.concerns.map(({ why }) => why)];
}

const whyCharsMax = 500;

function candidateOf(item: Item, reasons: readonly string[], now: Instant): Candidate {
  const text = [...new Set(reasons)].join('; ');
  const why = text.length > whyCharsMax ? `${text.slice(0, whyCharsMax)}…` : text;
  return { pin: item.pin, definition: item.definition, at: now, why, final: item.concerns.some(({ final }) => final) };
}

function changeOf(key: string, record: PinRecord, before: PinRecord | undefined): PinChange {
  const { candidate, pinned } = record;
  if (candidate !== undefined && candidate !== before?.candidate)
    return { key, pin: candidate.pin, by: 'gateway', state: 'quarantined', why: candidate.why };
  const why = before?.withdrawn === true ? 'the server offers it again, unchanged' : 'first contact';
  const state = candidate === undefined ? 'pinned' : 'quarantined';
  return { key, pin: pinIn(record), by: pinned?.by ?? 'gateway', state, why };
}

/**
 * An operator's yes to exactly the definition with digest `pin`. The digest is required, because between looking and
 * accepting the server may have changed it again.
 */
export function accept(pins: ServerPins, key: string, pin: string, by: string, now: Instant): Checked<Met> {
  const record = pins.records.get(key);
  if (record === undefined) return refused({ code: 'tool-unknown', what: key, why: 'the server never offered it' });
  const offered = record.candidate ?? record.pinned;
  if (offered === undefined || offered.pin !== pin)
    return refused({
      code: 'quarantined',
      what: key,
      why: 'the server has changed the definition since you looked at it',
      fix: 'look again with `sallyport tools diff`',
    });
  if (record.candidate?.final === true)
    return refused({ code: 'quarantined', what: key, why: `this cannot be accepted: ${record.candidate.why}` });
  const accepted: PinRecord = {
    ...record,
    pinned: { pin, definition: offered.definition, at: now, by },
    candidate: undefined,
  };
  const records = new Map(pins.records).set(key, accepted);
  const change: PinChange = { key, pin, by, state: 'pinned', why: 'accepted by an operator' };
  return passed({ pins: { ...pins, records }, changes: [change] });
}

/** The digest that stands for a record: what is offered now. */
export function pinIn(record: PinRecord): string {
  return (record.candidate ?? record.pinned)?.pin ?? '';
}
