import { isAt, type Place } from '../model/field-path.ts';
import { type JsonNode, member } from '../model/json.ts';
import type { Label } from '../model/label.ts';
import type { Labelling, Marks } from '../model/labelling.ts';
import { labellingOf, type Tool } from '../model/tool.ts';
import { blocksOf } from './blocks.ts';
import { fold } from './fold.ts';
import { keysOf } from './index.ts';
import { labelsFor, labelsOf, marksAround } from './label.ts';
import { layOut } from './layout/layout.ts';

/** One value of a result, and what it is marked with. */
export interface MarkedValue extends Marks {
  readonly value: string;
}

/** Values of one result that are looked at one by one; beyond, the rest is marked with all that the tool could say. */
export const markedValuesMax = 20_000;

/**
 * The labels of a result: the join over all that stands in it. Where no field is marked otherwise that is one question;
 * where one is, the result is taken apart, and what cannot be is marked with every label that it could have.
 */
export function labelsOfResult(tool: Tool, result: JsonNode): readonly Label[] {
  const labelling = labellingOf(tool);
  if (labelling.fields.length === 0) return labelsFor(labelling);
  // What a tool says of its failure is laid out as it likes.
  const failed = member(result, 'isError');
  const marked = failed?.kind === 'boolean' && failed.value ? undefined : markedValues(tool, result);
  if (marked === undefined) return labelsOf(tool);
  return [...new Set(marked.length === 0 ? labelsFor(labelling) : marked.flatMap(labelsFor))];
}

/** Every value of a result with its marks, as the operator's paths say; undefined where it cannot be taken apart. */
export function markedValues(tool: Tool, result: JsonNode): readonly MarkedValue[] | undefined {
  const labelling = labellingOf(tool);
  const values: MarkedValue[] = [];
  for (const block of blocksOf(result)) {
    const document = block.kind === 'string' ? layOut(block.value) : { node: block, loose: false };
    // Whoever writes a text can write lines into it that look like fields: none of them is the field that was meant.
    if (document === undefined || document.loose) return undefined;
    if (!collect(document.node, [], labelling, labelling, values)) return undefined;
  }
  return values;
}

function collect(node: JsonNode, place: Place, around: Marks, labelling: Labelling, into: MarkedValue[]): boolean {
  const own = labelling.fields.findLast(({ path }) => isAt(path, place));
  const marks = own === undefined ? around : marksAround(around, own);
  switch (node.kind) {
    case 'array':
      return node.items.every((item, index) => collect(item, [...place, index], marks, labelling, into));
    case 'object':
      return [...node.members].every(([name, value]) => {
        // Names are data where the server lists things by name: `{"ann@example.org": "r"}`.
        if (!/^[a-z]\w*$/i.test(name)) into.push({ value: name, ...marks });
        return collect(value, [...place, name], marks, labelling, into);
      });
    case 'null':
      return true;
    default: {
      const value = node.kind === 'string' ? node.value : node.kind === 'number' ? node.text : '';
      if (value !== '') into.push({ value, ...marks });
      return into.length <= markedValuesMax;
    }
  }
}

/**
 * Whether the catalogue vouches for one value of a result: that it stands there in a place which nobody outside writes.
 * A value that stands elsewhere as well is vouched for by the place that is.
 */
export function vouchedIn(tool: Tool, result: JsonNode): (folded: string) => boolean {
  const { fields } = labellingOf(tool);
  if (fields.every(({ integrity }) => integrity === undefined)) return () => tool.trustedResult;
  const vouched = new Set<string>();
  for (const { value, integrity } of markedValues(tool, result) ?? [])
    if (integrity === 'first_party') for (const key of keysOf(fold(value))) vouched.add(key);
  return folded => keysOf(folded).some(key => vouched.has(key));
}
