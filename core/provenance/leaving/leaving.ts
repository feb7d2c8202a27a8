import type { Digest } from '../../model/action.ts';
import type { Declassification } from '../../model/declassification.ts';
import type { EntryId } from '../../model/ids.ts';
import type { JsonNode, JsonObject } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import { isReadersLabel, type ReadersLabel } from '../../model/readers-label.ts';
import { type Sensitivity, sensitivityRank } from '../../model/sensitivity.ts';
import { labellingOf } from '../../model/tool.ts';
import { highestOf, labelsOf } from '../labels/label.ts';
import { markedValues } from '../labels/result-labels.ts';
import { blocksOf } from '../result/blocks.ts';
import type { ReadSource } from '../result/read-source.ts';
import type { ResultIndex } from '../result/result-index.ts';
import { fold } from '../spelling/fold.ts';
import { shapeOf } from '../spelling/shape.ts';
import { type Guarded, guardedDigest, type Mark } from './guarded.ts';
import { handedOutIn } from './handed-out.ts';

/**
 * Keeps what of a result must be found again: what the catalogue labels so, or whoever wrote it there had read so, what only
 * some may see, and secrets.
 */
export function guard(
  guarded: Guarded,
  source: ReadSource,
  result: JsonNode,
  index: ResultIndex,
  digest: Digest,
): void {
  const { entry, tool, secret = false, inherited = [] } = source;
  const handedOut: Mark = { rank: 0, handedOut: true, readers: [], entry };
  for (const value of handedOutIn(secret, index)) guarded.add(value, handedOut);
  const all = labelsOf(tool);
  if (!all.some(isLookedFor) && !inherited.some(isLookedFor)) return;
  const markOf = marksFor(entry, inherited);
  const { sensitivity } = labellingOf(tool);
  const parts = markedValues(tool, result, digest);
  if (parts === undefined)
    for (const block of blocksOf(result)) for (const text of textsIn(block)) addTelling(guarded, text, markOf(all));
  for (const { value, sensitivity: own, people } of parts ?? []) {
    const mark = markOf(own === undefined ? people.labels : [own, ...people.labels]);
    if (mark === undefined) continue;
    // What an operator points at is meant, however plain it looks; of all the rest only what tells something.
    if (own !== sensitivity) guarded.add(value, mark);
    else addTelling(guarded, value, mark);
  }
}

/** One mark for all parts of a result that are labelled alike; undefined for what need not be found again. */
function marksFor(entry: EntryId, inherited: readonly Label[]): (labels: readonly Label[]) => Mark | undefined {
  const made = new Map<string, Mark | undefined>();
  return labels => {
    const key = labels.join();
    if (!made.has(key)) made.set(key, markFor(entry, [...labels, ...inherited]));
    return made.get(key);
  };
}

/** What is marked so has to be found again: `markFor` has a mark for it. */
function isLookedFor(label: Label): boolean {
  return isReadersLabel(label) || isGuarded(label as Sensitivity);
}

function markFor(entry: EntryId, labels: readonly Label[]): Mark | undefined {
  const highest = highestOf(labels);
  const rank = highest !== undefined && isGuarded(highest) ? sensitivityRank(highest) : 0;
  const readers = [...new Set(labels.filter(isReadersLabel))];
  return rank === 0 && readers.length === 0 ? undefined : { rank, handedOut: false, readers, entry };
}

/** What of all that a task has read stands in the arguments of a call. */
export interface Leaving {
  /** Rank of the most sensitive; 0 for nothing. */
  readonly rank: number;
  /** Some of it was handed out as a secret: whole, or a piece of it. */
  readonly secret: boolean;
  /** Who alone may see some of it; empty: nobody said. */
  readonly readers: readonly ReadersLabel[];
}

export const nothingLeaves: Leaving = { rank: 0, secret: false, readers: [] };

/** What a person lowered for the task. */
export interface Lowering {
  readonly declassified?: readonly Declassification[] | undefined;
  readonly digest: Digest;
}

/** Whether a value, as it is looked for, was lowered so far that it need not be found. */
function isLoweredBy({ declassified = [], digest }: Lowering): (text: string) => boolean {
  const digests = declassified.flatMap(({ what, to }) =>
    what.kind === 'value' && !isGuarded(to) ? [what.digest] : [],
  );
  return text => digests.length > 0 && digests.includes(guardedDigest(text, digest) ?? '');
}

/** What an outcome brought counts as what it was lowered to; what was handed out as a secret stays one. */
function loweredMark(mark: Mark, { declassified = [] }: Lowering): Mark {
  const found = declassified.findLast(
    ({ what }) => what.kind === 'entry' && mark.entry !== undefined && what.entry === mark.entry,
  );
  if (found === undefined) return mark;
  const rank = isGuarded(found.to) ? sensitivityRank(found.to) : 0;
  return { ...mark, rank: Math.min(mark.rank, rank), readers: [] };
}

/**
 * What of all that a task has read stands in these arguments: the rank of the most sensitive of it (0 for nothing), whether a secret or a
 * piece of one, and who alone may see it. Whom something is sent to, and what the principal said (`isPrincipals`), is no part of what is
 * sent; a secret is one wherever it stands. Throws nothing of its own.
 */
export function leavingWith(
  guarded: Guarded,
  input: JsonObject,
  isPrincipals: (folded: string) => boolean,
  lowering: Lowering = { digest: text => text },
): Leaving {
  if (guarded.isEmpty) return nothingLeaves;
  const texts = [...textsIn(input)];
  const sent = texts.filter(text => {
    const folded = fold(text);
    const shape = shapeOf(folded);
    const isAddressee = ['email', 'phone', 'account', 'handle', 'host'].includes(shape) && !/[/?#]/.test(text);
    return !isAddressee && !(folded.length < 64 && isPrincipals(folded));
  });
  const marks = [...guarded.marksIn(sent, isLoweredBy(lowering))].map(mark => loweredMark(mark, lowering));
  const besides = sent.length === texts.length ? [] : guarded.marksIn(texts);
  const secret = [...marks, ...besides].some(({ handedOut }) => handedOut) || holdsPiece(guarded, input);
  return {
    rank: Math.max(0, ...marks.map(({ rank }) => rank)),
    secret,
    readers: [...new Set(marks.flatMap(({ readers }) => readers))],
  };
}

/** A number that happens to be four digits of a key is no piece of it. */
function holdsPiece(guarded: Guarded, input: JsonObject): boolean {
  return guarded.pieceIn([...textsIn(input, false)]) !== undefined;
}

function isGuarded(sensitivity: Sensitivity): boolean {
  return sensitivityRank(sensitivity) >= sensitivityRank('confidential');
}

/** States, cities and yes or no stand in every record; a number, an address, a name of two words or a sentence tell. */
function addTelling(guarded: Guarded, text: string, mark: Mark | undefined): void {
  if (mark === undefined) return;
  if (/\d/.test(text) || text.length >= 12 || /\S\s+\S/.test(text.trim())) guarded.add(text, mark);
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
