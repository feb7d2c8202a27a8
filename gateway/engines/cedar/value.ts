import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { JsonNode, JsonObject } from '@sallyport/core/model/json.ts';
import type { FactType, RecordType } from '@sallyport/core/policy/fact-type.ts';
import type { Mention } from './mentions.ts';

const textBytesMax = 64 * 1024;
const itemsMax = 1_000;
/** Of all that one request passes to the engine: it takes about 20 µs for each thousand characters. */
const inputCharsMax = 256 * 1024;
const inputValuesMax = 10_000;

/** An argument that a policy names cannot be put before it exactly. Names the argument, never its value. */
export class Unrepresentable extends Error {
  constructor(path: readonly string[], why: string) {
    super(`the argument \`${path.join('.')}\` ${why}, so policy cannot judge it`);
  }
}

/**
 * The arguments as `context.input`, by the types of the pinned schema, and of them only what is mentioned.
 *
 * Everything is rebuilt: texts become texts, numbers come from their own text and never pass through a float, and the
 * only members are those of the type, so nothing an agent sends can become an entity or an extension value (DF3, DF8).
 */
export function inputValue(input: JsonObject, type: RecordType, mention: Mention | undefined): CedarValueJson {
  return recordValue(input, type, mention, { chars: 0, values: 0 }, []);
}

/** What has been passed so far. */
interface Spent {
  chars: number;
  values: number;
}

function recordValue(
  node: JsonNode,
  type: RecordType,
  mention: Mention | undefined,
  spent: Spent,
  path: readonly string[],
): CedarValueJson {
  if (node.kind !== 'object') throw new Unrepresentable(path, 'is not an object');
  const all = mention === undefined || mention.whole;
  const value: Record<string, CedarValueJson> = {};
  for (const name of all ? type.attributes.keys() : mention.parts.keys()) {
    const attribute = type.attributes.get(name);
    if (attribute === undefined) continue; // the validator knows that it is never there
    const part = node.members.get(name);
    const here = [...path, name];
    if (part === undefined || part.kind === 'null') {
      if (attribute.required) throw new Unrepresentable(here, 'is missing');
      continue;
    }
    value[name] = factValue(part, attribute.type, all ? undefined : mention.parts.get(name), spent, here);
  }
  return value;
}

function factValue(
  node: JsonNode,
  type: FactType,
  mention: Mention | undefined,
  spent: Spent,
  path: readonly string[],
): CedarValueJson {
  if (++spent.values > inputValuesMax) throw new Unrepresentable(path, `has more than ${inputValuesMax} values`);
  switch (type.kind) {
    case 'string':
      return textValue(node, spent, path);
    case 'bool':
      if (node.kind !== 'boolean') throw new Unrepresentable(path, 'is not true or false');
      return node.value;
    case 'long':
      return longValue(node, path);
    case 'decimal':
      return { __extn: { fn: 'decimal', arg: decimalText(node, path) } };
    case 'set':
      if (node.kind !== 'array' && type.orOne === true) return [factValue(node, type.element, undefined, spent, path)];
      if (node.kind !== 'array') throw new Unrepresentable(path, 'is not a list');
      if (node.items.length > itemsMax) throw new Unrepresentable(path, `has more than ${itemsMax} items`);
      return node.items.map(item => factValue(item, type.element, undefined, spent, path));
    case 'record':
      return recordValue(node, type, mention, spent, path);
    case 'datetime':
      throw new Unrepresentable(path, 'has no type that an argument can have');
  }
}

function textValue(node: JsonNode, spent: Spent, path: readonly string[]): string {
  if (node.kind !== 'string') throw new Unrepresentable(path, 'is not a text');
  const { value } = node;
  spent.chars += value.length;
  if (value.length > textBytesMax / 3 && Buffer.byteLength(value) > textBytesMax)
    throw new Unrepresentable(path, `is longer than ${textBytesMax / 1024} KiB`);
  if (spent.chars > inputCharsMax) throw new Unrepresentable(path, 'makes the arguments too long');
  // The engine's reader throws on half a surrogate pair (DF4); strict JSON has refused it, whoever else calls has not.
  if (!value.isWellFormed()) throw new Unrepresentable(path, 'holds half of a surrogate pair');
  return value;
}

function longValue(node: JsonNode, path: readonly string[]): number {
  if (node.kind !== 'number') throw new Unrepresentable(path, 'is not a number');
  const tenThousandths = scaled(node.text);
  if (tenThousandths === undefined || tenThousandths % 10_000n !== 0n)
    throw new Unrepresentable(path, 'is not a whole number');
  const value = Number(tenThousandths / 10_000n);
  if (!Number.isSafeInteger(value)) throw new Unrepresentable(path, 'lies beyond ±(2^53−1)');
  return value;
}

const decimalMax = 9_223_372_036_854_775_807n;

/** Cedar's `decimal`: a 64-bit count of ten-thousandths. */
function decimalText(node: JsonNode, path: readonly string[]): string {
  if (node.kind !== 'number') throw new Unrepresentable(path, 'is not a number');
  const tenThousandths = scaled(node.text);
  if (tenThousandths === undefined) throw new Unrepresentable(path, 'has more than 4 digits after the point');
  const size = tenThousandths < 0n ? -tenThousandths : tenThousandths;
  if (size > decimalMax) throw new Unrepresentable(path, 'lies beyond what a decimal can hold');
  const digits = size.toString().padStart(5, '0');
  return `${tenThousandths < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

const numberParts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$/;
/** Far beyond every range in use; it keeps `1e300` from becoming a number of 300 digits. */
const digitsMax = 40;

/** The number in ten-thousandths, exactly; undefined if it is no whole number of them, or absurdly large. */
function scaled(text: string): bigint | undefined {
  const match = numberParts.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const significant = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = significant.replace(/(?<!0)0+$/, '');
  if (digits === '') return 0n;
  const zeros = Number(exponent) - fraction.length + (significant.length - digits.length) + 4;
  if (zeros < 0) return undefined;
  if (digits.length + zeros > digitsMax) return 10n ** BigInt(digitsMax);
  return BigInt(`${sign}${digits}${'0'.repeat(zeros)}`);
}
