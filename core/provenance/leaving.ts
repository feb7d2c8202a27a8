import type { EntryId } from '../model/ids.ts';
import type { JsonNode, JsonObject } from '../model/json.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import { labellingOf } from '../model/tool.ts';
import { blocksOf } from './blocks.ts';
import { fold } from './fold.ts';
import type { Guarded, Mark } from './guarded.ts';
import { handedOutIn } from './handed-out.ts';
import type { ResultIndex } from './index.ts';
import type { ReadSource } from './read-source.ts';
import { markedValues } from './result-labels.ts';
import { shapeOf } from './shape.ts';

/** Keeps what of a result must be found again: what is labelled so, by the catalogue or by whom wrote it there, and secrets. */
export function guard(guarded: Guarded, source: ReadSource, result: JsonNode, index: ResultIndex): void {
  const { entry, tool, secret = false, sensitivity: inherited } = source;
  const handedOut: Mark = { rank: 0, handedOut: true, entry };
  for (const value of handedOutIn(secret, index)) guarded.add(value, handedOut);
  const { sensitivity, fields } = labellingOf(tool);
  const around = higher(sensitivity, inherited);
  const worst = fields.map(field => field.sensitivity).reduce(higher, around);
  if (worst === undefined || !isGuarded(worst)) return;
  const markOf = marksFor(entry);
  const parts = markedValues(tool, result);
  if (parts === undefined)
    for (const block of blocksOf(result)) for (const text of textsIn(block)) addTelling(guarded, text, markOf(worst));
  for (const { value, sensitivity: own } of parts ?? []) {
    const all = higher(own, inherited);
    if (all === undefined || !isGuarded(all)) continue;
    // What an operator points at is meant, however plain it looks; of all the rest only what tells something.
    if (own !== sensitivity) guarded.add(value, markOf(all));
    else addTelling(guarded, value, markOf(all));
  }
}

/** One mark for each sensitivity of a result. */
function marksFor(entry: EntryId): (sensitivity: Sensitivity) => Mark {
  const made = new Map<Sensitivity, Mark>();
  return sensitivity => {
    const mark = made.get(sensitivity) ?? { rank: sensitivityRank(sensitivity), handedOut: false, entry };
    made.set(sensitivity, mark);
    return mark;
  };
}

/** What of all that a task has read stands in the arguments of a call. */
export interface Leaving {
  /** Rank of the most sensitive; 0 for nothing. */
  readonly rank: number;
  /** Some of it was handed out as a secret: whole, or a piece of it. */
  readonly secret: boolean;
}

export const nothingLeaves: Leaving = { rank: 0, secret: false };

/** Whom something is sent to, and what the principal said, is no part of what is sent; a secret is one wherever it stands. */
export function leavingWith(guarded: Guarded, input: JsonObject, isPrincipals: (folded: string) => boolean): Leaving {
  if (guarded.isEmpty) return nothingLeaves;
  const texts = [...textsIn(input)];
  const sent = texts.filter(text => {
    const folded = fold(text);
    const shape = shapeOf(folded);
    const isAddressee = ['email', 'phone', 'account', 'handle', 'host'].includes(shape) && !/[/?#]/.test(text);
    return !isAddressee && !(folded.length < 64 && isPrincipals(folded));
  });
  const marks = [...guarded.foundIn(sent)];
  const besides = sent.length === texts.length ? [] : guarded.foundIn(texts);
  const secret = [...marks, ...besides].some(({ handedOut }) => handedOut) || holdsPiece(guarded, input);
  return { rank: Math.max(0, ...marks.map(({ rank }) => rank)), secret };
}

/** A number that happens to be four digits of a key is no piece of it. */
function holdsPiece(guarded: Guarded, input: JsonObject): boolean {
  return guarded.pieceIn([...textsIn(input, false)]) !== undefined;
}

function isGuarded(sensitivity: Sensitivity): boolean {
  return sensitivityRank(sensitivity) >= sensitivityRank('confidential');
}

/** States, cities and yes or no stand in every record; a number, an address, a name of two words or a sentence tell. */
function addTelling(guarded: Guarded, text: string, mark: Mark): void {
  if (/\d/.test(text) || text.length >= 12 || /\S\s+\S/.test(text.trim())) guarded.add(text, mark);
}

function higher(one: Sensitivity | undefined, other: Sensitivity | undefined): Sensitivity | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return sensitivityRank(one) >= sensitivityRank(other) ? one : other;
}

function* textsIn(node: JsonNode, numbers = true): Generator<string> {
  switch (node.kind) {
    case 'string':
      if (node.value !== '') yield node.value;
      break;
    case 'number':
      if (numbers) yield node.text;
      break;
    case 'array':
      for (const item of node.items) yield* textsIn(item, numbers);
      break;
    case 'object':
      for (const [name, value] of node.members) {
        if (!/^[a-z]\w*$/i.test(name)) yield name;
        yield* textsIn(value, numbers);
      }
  }
}
