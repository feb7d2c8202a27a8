import type { Digest } from '../../model/action.ts';
import { isAt, type Place } from '../../model/field-path.ts';
import { type JsonNode, member } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import type { FieldMarks, Integrity, Labelling } from '../../model/labelling.ts';
import type { Sensitivity } from '../../model/sensitivity.ts';
import { labellingOf, type Tool } from '../../model/tool.ts';
import { blocksOf } from '../result/blocks.ts';
import { layOut } from '../result/layout/layout.ts';
import { fold } from '../spelling/fold.ts';
import { keysOf } from '../spelling/spellings.ts';
import { labelsFor, labelsOf } from './label.ts';
import { nobodyNamed, type People, peopleAt, worstPeople } from './people.ts';

/** One value of a result, and what it is marked with. */
export interface MarkedValue extends Resolved {
  readonly value: string;
}

/** What is marked, with the rules about people carried out. */
interface Resolved {
  readonly integrity: Integrity;
  readonly sensitivity: Sensitivity | undefined;
  readonly people: People;
}

/** Values of one result that are looked at one by one; beyond, the rest is marked with all that the tool could say. */
const markedValuesMax = 20_000;

/**
 * The labels of a result: the join over all that stands in it. Where no field is marked otherwise that is one question;
 * where one is, the result is taken apart, and what cannot be is marked with every label that it could have, never with
 * fewer. Each label once; readers are named by `digest`. Throws nothing of its own.
 */
export function labelsOfResult(tool: Tool, result: JsonNode, digest: Digest): readonly Label[] {
  const labelling = labellingOf(tool);
  if (isPlain(labelling)) return labelsFor(labelling);
  // What a tool says of its failure is laid out as it likes.
  const failed = member(result, 'isError');
  const marked = failed?.kind === 'boolean' && failed.value ? undefined : markedValues(tool, result, digest);
  if (marked === undefined) return labelsOf(tool);
  if (marked.length === 0) return [...new Set([...labelsFor(labelling), ...worstPeople(labelling)])];
  return [...new Set(marked.flatMap(value => [...labelsFor(value), ...value.people.labels]))];
}

/** All of a result is marked alike, whatever stands in it. */
function isPlain({ fields, tenant, readers, sender }: Labelling): boolean {
  return fields.length === 0 && tenant === undefined && readers === undefined && sender === undefined;
}

/** Whom a result names as its senders, as they stand there, the first ones. */
export function sendersOf(tool: Tool, result: JsonNode): readonly string[] {
  const { sender, fields } = labellingOf(tool);
  if (sender === undefined && fields.every(field => field.sender === undefined)) return [];
  const marked = markedValues(tool, result, () => '') ?? [];
  return [...new Set(marked.flatMap(({ people }) => people.senders))].slice(0, sendersMax);
}

const sendersMax = 16;

/** Every value of a result with its marks, as the operator's paths say; undefined where it cannot be taken apart. */
export function markedValues(tool: Tool, result: JsonNode, digest: Digest): readonly MarkedValue[] | undefined {
  const labelling = labellingOf(tool);
  const values: MarkedValue[] = [];
  for (const block of blocksOf(result)) {
    const document = block.kind === 'string' ? layOut(block.value) : { node: block, loose: false };
    // Whoever writes a text can write lines into it that look like fields: none of them is the field that was meant.
    if (document === undefined || document.loose) return undefined;
    const top = resolved(document.node, labelling, { ...labelling, people: nobodyNamed }, digest);
    if (!collect(document.node, [], top, { labelling, digest, into: values })) return undefined;
  }
  return values;
}

interface Collecting {
  readonly labelling: Labelling;
  readonly digest: Digest;
  readonly into: MarkedValue[];
}

function collect(node: JsonNode, place: Place, around: Resolved, to: Collecting): boolean {
  const own = to.labelling.fields.findLast(({ path }) => isAt(path, place));
  const marks = own === undefined ? around : resolved(node, own, around, to.digest);
  switch (node.kind) {
    case 'array':
      return node.items.every((item, index) => collect(item, [...place, index], marks, to));
    case 'object':
      return [...node.members].every(([name, value]) => {
        // Names are data where the server lists things by name: `{"ann@example.org": "r"}`.
        if (!/^[a-z]\w*$/i.test(name)) to.into.push({ value: name, ...marks });
        return collect(value, [...place, name], marks, to);
      });
    case 'null':
      return true;
    default: {
      const value = node.kind === 'string' ? node.value : node.kind === 'number' ? node.text : '';
      if (value !== '') to.into.push({ value, ...marks });
      return to.into.length <= markedValuesMax;
    }
  }
}

/** What is said of who wrote there goes before what is said of the place, and both before what is around it. */
function resolved(node: JsonNode, own: Partial<FieldMarks>, around: Resolved, digest: Digest): Resolved {
  const people = peopleAt(node, own, around.people, digest);
  const bySender = own.sender === undefined ? undefined : people.integrity;
  return {
    integrity: bySender ?? own.integrity ?? around.integrity,
    sensitivity: own.sensitivity ?? around.sensitivity,
    people,
  };
}

/**
 * Whether the catalogue vouches for one value of a result: that it stands there in a place which nobody outside writes.
 * A value that stands elsewhere as well is vouched for by the place that is.
 */
export function vouchedIn(tool: Tool, result: JsonNode): (folded: string) => boolean {
  const { fields, sender } = labellingOf(tool);
  if (sender === undefined && fields.every(saysNothingOfIntegrity)) return tool.trustedResult ? anyValue : noValue;
  return vouchedAmong(tool, result);
}

export const noValue = (): boolean => false;
const anyValue = (): boolean => true;

function saysNothingOfIntegrity({ integrity, sender }: FieldMarks): boolean {
  return integrity === undefined && sender === undefined;
}

function onlyLaidOut(structured: JsonNode): JsonNode {
  return { kind: 'object', members: new Map([['structuredContent', structured]]) };
}

function vouchedAmong(tool: Tool, result: JsonNode): (folded: string) => boolean {
  const vouched = new Set<string>();
  const all = markedValues(tool, result, () => '') ?? [];
  const structured = member(result, 'structuredContent');
  // Where a result has a laid-out form, a block beside it may be anybody's text, whatever fields it seems to have.
  const isLaidOut = all.length > 0 && structured !== undefined;
  for (const { value, integrity } of isLaidOut ? (markedValues(tool, onlyLaidOut(structured), () => '') ?? []) : all)
    if (integrity === 'first_party') for (const key of keysOf(fold(value))) vouched.add(key);
  return folded => keysOf(folded).some(key => vouched.has(key));
}
