import type { JsonNode, JsonObject } from '../model/json.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import { labellingOf, type Tool } from '../model/tool.ts';
import { blocksOf } from './blocks.ts';
import { fold } from './fold.ts';
import type { Guarded } from './guarded.ts';
import { markedValues } from './result-labels.ts';
import { shapeOf } from './shape.ts';

/** Keeps what of a result is labelled so that it must be found again; `inherited`: all of it is at least that sensitive. */
export function guard(guarded: Guarded, tool: Tool, result: JsonNode, inherited: Sensitivity | undefined): void {
  const { sensitivity, fields } = labellingOf(tool);
  const around = higher(sensitivity, inherited);
  const worst = fields.map(field => field.sensitivity).reduce(higher, around);
  if (worst === undefined || !isGuarded(worst)) return;
  const parts = markedValues(tool, result);
  if (parts === undefined)
    for (const block of blocksOf(result)) for (const text of textsIn(block)) addTelling(guarded, text, worst);
  for (const { value, sensitivity: own } of parts ?? []) {
    const all = higher(own, inherited);
    if (all === undefined) continue;
    // What an operator points at is meant, however plain it looks; of all the rest only what tells something.
    if (own !== sensitivity) guarded.add(value, all);
    else addTelling(guarded, value, all);
  }
}

/** Rank of the most sensitive of it that these arguments hold; whom something is sent to is no part of what is sent. */
export function leavingWith(guarded: Guarded, input: JsonObject, isPrincipals: (folded: string) => boolean): number {
  if (guarded.isEmpty) return 0;
  const texts = [...textsIn(input)].filter(text => {
    const folded = fold(text);
    const shape = shapeOf(folded);
    const isAddressee = ['email', 'phone', 'account', 'handle', 'host'].includes(shape) && !/[/?#]/.test(text);
    return !isAddressee && !(folded.length < 64 && isPrincipals(folded));
  });
  return guarded.foundIn(texts);
}

function isGuarded(sensitivity: Sensitivity): boolean {
  return sensitivityRank(sensitivity) >= sensitivityRank('confidential');
}

/** States, cities and yes or no stand in every record; a number, an address, a name of two words or a sentence tell. */
function addTelling(guarded: Guarded, text: string, sensitivity: Sensitivity): void {
  if (/\d/.test(text) || text.length >= 12 || /\S\s+\S/.test(text.trim())) guarded.add(text, sensitivity);
}

function higher(one: Sensitivity | undefined, other: Sensitivity | undefined): Sensitivity | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return sensitivityRank(one) >= sensitivityRank(other) ? one : other;
}

function* textsIn(node: JsonNode): Generator<string> {
  switch (node.kind) {
    case 'string':
      if (node.value !== '') yield node.value;
      break;
    case 'number':
      yield node.text;
      break;
    case 'array':
      for (const item of node.items) yield* textsIn(item);
      break;
    case 'object':
      for (const [name, value] of node.members) {
        if (!/^[a-z]\w*$/i.test(name)) yield name;
        yield* textsIn(value);
      }
  }
}
