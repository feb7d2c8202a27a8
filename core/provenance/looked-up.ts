import type { Tool } from '../model/tool.ts';
import { digitsIn, fold } from './fold.ts';
import type { TaskMemory } from './memory.ts';
import type { Rec } from './result-index.ts';
import type { Sink } from './role.ts';
import { addressesIn, type Shape, shapeOf } from './shape.ts';
import { wantedOf } from './wanted.ts';

/**
 * A search outside is told what it looks for. A number, an id or an address of somebody, from a record that the task has read of them and
 * not said by the principal, is nothing that has to be told there: whoever wrote a text may have put it into the query. What is only the
 * number of a thing (a part, a book) is looked up like any other word. Encoded or split it is not found.
 */
export function tellsOfSomebody(sinks: readonly Sink[], { classes }: Tool, memory: TaskMemory): boolean {
  if (!classes.includes('egress') || classes.includes('write')) return false;
  return sinks.some(
    ({ value, shape }) => !places.has(shape) && tellingIn(value).some(folded => isOfSomebody(folded, memory)),
  );
}

/** What these say stands in the address that is fetched, and is judged as where the call goes. */
const places: ReadonlySet<Shape> = new Set(['url', 'host']);
const ways: ReadonlySet<Shape> = new Set(['email', 'phone', 'account']);

/** As many as are looked for. */
const tellingMax = 20;
const tokens = /[\p{L}\p{N}][\p{L}\p{N}_.#/-]{4,}[\p{L}\p{N}]/gu;
const digitsMin = 4;

function tellingIn(query: string): readonly string[] {
  const found = new Set(addressesIn(query, tellingMax).map(fold));
  for (const [token] of query.matchAll(tokens))
    if (found.size < tellingMax && digitsIn(token) >= digitsMin && shapeOf(fold(token)) !== 'date')
      found.add(fold(token));
  return [...found].filter(folded => !places.has(shapeOf(folded)));
}

function isOfSomebody(folded: string, memory: TaskMemory): boolean {
  if (memory.words.say(folded)) return false;
  const shape = shapeOf(folded);
  const { keys, anyOf } = wantedOf(folded, shape);
  return memory
    .mayHold(anyOf)
    .some(
      ({ source, index }) =>
        !source.tool.classes.includes('egress') &&
        keys
          .flatMap(key => index.fields.get(key) ?? [])
          .some(({ record }) => ways.has(shape) || isAboutSomebody(index.records[record])),
    );
}

/** It says how somebody is reached. */
function isAboutSomebody(record: Rec | undefined): boolean {
  return record?.values.some(value => reached.has(shapeOf(value))) === true;
}

const reached: ReadonlySet<Shape> = new Set(['email', 'phone']);
