import { type Attribute, type FactType, type Opaque, type RecordType, typeName } from './fact-type.ts';

/** A record, and what of it policy cannot see. */
export interface SeenRecord {
  readonly type: RecordType;
  readonly opaque: readonly Opaque[];
}

/**
 * The one type of a value that has one of these, or undefined. Values of one type, whatever else is said of them; a list
 * or one of its items, which is a list of one; an integer or a number, which is a number.
 */
export function joined(types: readonly FactType[]): FactType | undefined {
  const [first, ...rest] = types;
  return rest.reduce<FactType | undefined>(
    (found, type) => (found === undefined ? undefined : joinedTwo(found, type)),
    first,
  );
}

function joinedTwo(a: FactType, b: FactType): FactType | undefined {
  if (typeName(a) === typeName(b)) return b.kind === 'set' && b.orOne === true ? b : a;
  if (a.kind === 'set' && typeName(a.element) === typeName(b)) return { ...a, orOne: true };
  if (b.kind === 'set' && typeName(b.element) === typeName(a)) return { ...b, orOne: true };
  const numbers = [a.kind, b.kind].every(kind => kind === 'long' || kind === 'decimal');
  return numbers ? { kind: 'decimal' } : undefined;
}

/** A record that is one of these: of a name that means several things nothing is seen. `path`: where it stands. */
export function oneOf(parts: readonly SeenRecord[], path: readonly string[]): SeenRecord {
  const attributes = new Map<string, Attribute>();
  const opaque = parts.flatMap(part => part.opaque);
  for (const name of new Set(parts.flatMap(({ type }) => [...type.attributes.keys()]))) {
    const here = [...path, name];
    if (opaque.some(part => isPlace(part.path, here))) continue;
    const found = parts.map(({ type }) => type.attributes.get(name));
    const type = joined(found.flatMap(attribute => attribute?.type ?? []));
    if (type === undefined) opaque.push({ path: here, why: 'it is a union' });
    else attributes.set(name, { type, required: found.every(attribute => attribute?.required === true) });
  }
  return { type: { kind: 'record', attributes }, opaque: opaque.filter(isFirst) };
}

/** A record that is all of these: what the first says of a name counts. */
export function allOf(parts: readonly SeenRecord[], path: readonly string[]): SeenRecord {
  const attributes = new Map<string, Attribute>();
  for (const { type } of parts)
    for (const [name, attribute] of type.attributes) {
      const known = attributes.get(name);
      const required = attribute.required || known?.required === true;
      attributes.set(name, { type: known?.type ?? attribute.type, required });
    }
  const opaque = parts.flatMap((part, at) =>
    part.opaque.filter(({ path: hidden }) => {
      const name = hidden[path.length] ?? '';
      return parts.findIndex(({ type }) => type.attributes.has(name)) === at || !attributes.has(name);
    }),
  );
  return { type: { kind: 'record', attributes }, opaque: opaque.filter(isFirst) };
}

function isFirst({ path }: Opaque, at: number, all: readonly Opaque[]): boolean {
  return all.findIndex(other => isPlace(other.path, path)) === at;
}

function isPlace(some: readonly string[], other: readonly string[]): boolean {
  return some.length === other.length && some.every((step, at) => step === other[at]);
}
