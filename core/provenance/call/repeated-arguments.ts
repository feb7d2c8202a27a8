import type { JsonNode, JsonObject } from '../../model/json.ts';
import { decodings } from '../spelling/decode.ts';
import { bared } from '../spelling/fold.ts';

/** Arguments of more characters than this are taken to hold whatever their result holds. */
const givenCharsMax = 8_192;
/** A longer text that has as many letters and digits of the arguments in a row says what they say. */
const runChars = 24;

/**
 * What an action was given, to be told from what it returned: a tool that repeats its arguments says nothing that anybody stands
 * behind. One step of encoding is undone. Undefined where there is too much of it.
 */
export function argumentTexts(input: JsonObject): readonly string[] | undefined {
  const texts = [...textsIn(input)];
  if (texts.reduce((sum, { length }) => sum + length, 0) > givenCharsMax) return undefined;
  const each = texts.flatMap(text => [text, ...decodings(text)]).map(bared);
  // Also what is split over them.
  return [...each, texts.map(bared).join('')];
}

export function repeatsArguments(value: string, given: readonly string[] | undefined): boolean {
  const bare = bared(value);
  return given === undefined || bare === '' || given.some(text => text.includes(bare) || sharesRun(bare, text));
}

function sharesRun(long: string, text: string): boolean {
  for (let at = 0; at + runChars <= text.length; at += runChars / 2)
    if (long.includes(text.slice(at, at + runChars))) return true;
  return false;
}

function* textsIn(node: JsonNode): Generator<string> {
  switch (node.kind) {
    case 'string':
      yield node.value;
      break;
    case 'number':
      yield node.text;
      break;
    case 'array':
      for (const item of node.items) yield* textsIn(item);
      break;
    case 'object':
      for (const [name, value] of node.members) {
        yield name;
        yield* textsIn(value);
      }
  }
}
