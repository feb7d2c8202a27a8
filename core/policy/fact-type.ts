/** What policy is told about a value: the types of Cedar that a tool's arguments and the gateway's facts can have. */
export type FactType =
  | { readonly kind: 'string' }
  /** An integer within ±(2^53−1). */
  | { readonly kind: 'long' }
  /** At most four fraction digits, within ±922337203685477.5807. */
  | { readonly kind: 'decimal' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'datetime' }
  /** `orOne`: what comes may also be one of its items by itself. */
  | { readonly kind: 'set'; readonly element: FactType; readonly orOne?: true }
  | RecordType;

export interface RecordType {
  readonly kind: 'record';
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Attribute {
  readonly type: FactType;
  readonly required: boolean;
}

/** A part of the arguments that policy cannot see, so that a policy naming it is refused when it is loaded. */
export interface Opaque {
  /** `['edits', 'meta']`; a last step `*` stands for members whose names are not known. */
  readonly path: readonly string[];
  readonly why: string;
}

export const string: FactType = { kind: 'string' };
export const long: FactType = { kind: 'long' };
export const decimal: FactType = { kind: 'decimal' };
export const bool: FactType = { kind: 'bool' };
export const datetime: FactType = { kind: 'datetime' };

export function setOf(element: FactType): FactType {
  return { kind: 'set', element };
}

export function record(attributes: Readonly<Record<string, FactType | Attribute>>): RecordType {
  const entries = Object.entries(attributes).map(([name, value]): [string, Attribute] => [
    name,
    'required' in value ? value : { type: value, required: true },
  ]);
  return { kind: 'record', attributes: new Map(entries) };
}

/** The type as policy authors write it in a Cedar schema, in which `decimal` and `datetime` are extension types. */
export function typeName(type: FactType): string {
  switch (type.kind) {
    case 'string':
      return 'String';
    case 'long':
      return 'Long';
    case 'bool':
      return 'Bool';
    case 'set':
      return `Set<${typeName(type.element)}>`;
    case 'record':
      return `{${[...type.attributes]
        .map(([name, { type: own, required }]) => `${name}${required ? '' : '?'}: ${typeName(own)}`)
        .join(', ')}}`;
    default:
      return type.kind;
  }
}
