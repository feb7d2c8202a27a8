import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { Exact } from './facts.ts';
import { hasMembers, type Members } from './members.ts';

/** A type in Cedar's JSON schema format, as the receipt's tool states it. */
export interface CedarType {
  readonly type: string;
  readonly name?: string;
  readonly element?: CedarType;
  readonly attributes?: Readonly<Record<string, CedarType & { readonly required?: boolean }>>;
}

/** A fact has no exact form of this type: policy could not have been asked about it. */
export class NoSuchValue extends Error {}

/** The value as Cedar takes it. What the type does not name is left out, and nothing becomes an entity. */
export function cedarValue(type: CedarType, value: unknown): CedarValueJson {
  switch (type.type) {
    case 'String':
      if (typeof value === 'string') return value;
      break;
    case 'Boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'Long':
      return long(value);
    case 'Extension':
      return extension(type.name ?? '', value);
    case 'Set':
      // Where a schema allows a list or one of its items, the one is a list of one.
      if (type.element !== undefined)
        return (Array.isArray(value) ? value : [value]).map(item => cedarValue(type.element as CedarType, item));
      break;
    case 'Record':
      if (hasMembers(value)) return recordValue(type, value);
  }
  throw new NoSuchValue(`a fact is not of the type ${type.type}`);
}

function recordValue({ attributes = {} }: CedarType, value: Members): CedarValueJson {
  const record: Record<string, CedarValueJson> = {};
  for (const [name, type] of Object.entries(attributes)) {
    const part = Object.hasOwn(value, name) ? value[name] : undefined;
    if (part !== undefined && part !== null) record[name] = cedarValue(type, part);
  }
  return record;
}

function long(value: unknown): number {
  const number = value instanceof Exact ? Number(plainDecimal(value.text, 0)) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new NoSuchValue('a fact is no whole number within ±(2^53−1)');
}

function extension(name: string, value: unknown): CedarValueJson {
  if (name === 'decimal' && value instanceof Exact)
    return { __extn: { fn: 'decimal', arg: plainDecimal(value.text, 4) } };
  if (name === 'datetime' && typeof value === 'number')
    return { __extn: { fn: 'datetime', arg: new Date(value).toISOString() } };
  throw new NoSuchValue(`a fact is not of the type ${name}`);
}

/** `1.5e1` with four digits after the point is `15.0000`; throws if digits would be lost. */
function plainDecimal(text: string, places: number): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$/.exec(text) ?? [];
  const shift = Number(exponent) + places - fraction.length;
  const digits = `${whole}${fraction}`;
  const kept = shift >= 0 ? digits + '0'.repeat(shift) : digits.slice(0, shift);
  if (whole === '' || (shift < 0 && /[1-9]/.test(digits.slice(shift))))
    throw new NoSuchValue('a number has too many digits');
  const padded = kept.replace(/^0+/, '').padStart(places + 1, '0');
  return places === 0 ? `${sign}${padded}` : `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}
