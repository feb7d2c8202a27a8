import type { Tool } from '../../model/tool.ts';
import type { Sinks } from '../call/sinks.ts';
import type { TaskMemory } from '../memory/memory.ts';
import { wantedOf } from '../memory/wanted.ts';
import type { Rec } from '../result/result-index.ts';
import { digitsIn, fold } from '../spelling/fold.ts';
import { addressesIn, type Shape, shapeOf } from '../spelling/shape.ts';

/**
 * A search outside is told what it looks for. A number, an id or an address of somebody, from a record that the task has read of them and
 * not said by the principal, is nothing that has to be told there: whoever wrote a text may have put it into the query. What is only the
 * number of a thing (a part, a book) is looked up like any other word. Encoded or split it is not found. A query with more of them than
 * are looked for, of whoever has read something, tells of somebody.
 */
export function tellsOfSomebody({ sinks, all }: Sinks, { classes }: Tool, memory: TaskMemory): boolean {
  if (!classes.includes('egress') || classes.includes('write') || memory.count === 0) return false;
  return !all || sinks.some(({ value, shape }) => !places.has(shape) && tells(value, memory));
}

/** What these say stands in the address that is fetched, and is judged as where the call goes. */
const places: ReadonlySet<Shape> = new Set(['url', 'host']);
const ways: ReadonlySet<Shape> = new Set(['email', 'phone', 'account']);

/** As many as are looked for in one value. */
const tellingMax = 200;
const tokens = /[\p{L}\p{N}][\p{L}\p{N}_.#/-]{4,}[\p{L}\p{N}]/gu;
const digitsMin = 4;

function tells(query: string, memory: TaskMemory): boolean {
  const telling = tellingIn(query);
  return telling.size > tellingMax || [...telling].some(folded => isOfSomebody(folded, memory));
}

/** One more than are looked for, where there are more. */
function tellingIn(query: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (one: string): void => {
    const folded = fold(one);
    const shape = shapeOf(folded);
    if (shape !== 'date' && !places.has(shape)) found.add(folded);
  };
  for (const address of addressesIn(query, Number.POSITIVE_INFINITY)) add(address);
  for (const [token] of query.matchAll(tokens)) {
    if (found.size > tellingMax) break;
    if (digitsIn(token) >= digitsMin) add(token);
  }
  return found;
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
