import type { Expression, Limit, ModelPolicy, Name } from './model.ts';

/** What an expression can be worth. Sets are unordered and without duplicates: they are compared, never indexed. */
export type Value =
  | boolean
  | bigint
  | string
  | { readonly decimal: bigint }
  | { readonly instant: number }
  | { readonly entity: Name }
  | { readonly set: readonly Value[] }
  | { readonly record: ReadonlyMap<string, Value> };

/** All that one evaluation may look at. */
export interface Facts {
  readonly context: Value;
  readonly principal: Known;
  readonly action: Known;
  readonly resource: Known;
}

export interface Known {
  readonly name: Name;
  readonly attributes: Value;
  /** Everything it is in. */
  readonly groups: readonly Name[];
}

/** The evaluation of an expression stopped: a missing attribute, a wrong type, an overflow. */
export class Stopped extends Error {}

/** Whether the policy holds; throws `Stopped` where Cedar would report an error and skip it. */
export function holds(policy: ModelPolicy, facts: Facts): boolean {
  if (!within(policy.principal, facts.principal)) return false;
  if (!within(policy.action, facts.action)) return false;
  if (!within(policy.resource, facts.resource)) return false;
  return policy.conditions.every(({ kind, body }) => truth(body, facts) === (kind === 'when'));
}

export function within(limit: Limit, of: Known): boolean {
  switch (limit.kind) {
    case 'any':
      return true;
    case 'equals':
      return same(of.name, limit.name);
    case 'is':
      return of.name.type === limit.type && (limit.in === undefined || isIn(of, limit.in));
    case 'in':
      return limit.names.some(name => isIn(of, name));
  }
}

function isIn(of: Known, name: Name): boolean {
  return [of.name, ...of.groups].some(group => same(group, name));
}

function same(a: Name, b: Name): boolean {
  return a.type === b.type && a.id === b.id;
}

function worth(of: Expression, facts: Facts): Value {
  switch (of.kind) {
    case 'bool':
    case 'long':
    case 'string':
      return of.value;
    case 'decimal':
      return { decimal: of.value };
    case 'instant':
      return { instant: Date.parse(of.value) };
    case 'set':
      return { set: of.items.map(item => worth(item, facts)) };
    case 'entity':
      return { entity: facts[of.name].name };
    case 'named':
      return { entity: { type: of.type, id: of.id } };
    case 'get':
      return of.path.reduce((value, step) => member(value, step), start(of.from, facts));
    case 'attribute':
      return attribute(worth(of.left, facts), of.name, facts);
    case 'has':
      return fields(of.path.reduce((value, step) => member(value, step), start(of.from, facts))).has(of.name);
    case 'in':
      return memberOf(of, facts);
    case 'is':
      return entity(worth(of.left, facts)).type === of.type;
    case 'not':
      return !truth(of.of, facts);
    case 'negative':
      return long(-whole(worth(of.of, facts)));
    case 'isEmpty':
      return items(worth(of.of, facts)).length === 0;
    case 'like':
      return glob(word(worth(of.left, facts)), of.pattern);
    case 'if':
      return truth(of.test, facts) ? worth(of.yes, facts) : worth(of.no, facts);
    case 'and':
      return truth(of.left, facts) && truth(of.right, facts);
    case 'or':
      return truth(of.left, facts) || truth(of.right, facts);
    default:
      return operation(of.kind, worth(of.left, facts), worth(of.right, facts));
  }
}

function operation(kind: string, left: Value, right: Value): Value {
  switch (kind) {
    case 'equal':
      return equal(left, right);
    case 'unequal':
      return !equal(left, right);
    case 'less':
      return ordered(left, right, order => order < 0);
    case 'lessOrEqual':
      return ordered(left, right, order => order <= 0);
    case 'more':
      return ordered(left, right, order => order > 0);
    case 'moreOrEqual':
      return ordered(left, right, order => order >= 0);
    case 'plus':
      return long(whole(left) + whole(right));
    case 'minus':
      return long(whole(left) - whole(right));
    case 'times':
      return long(whole(left) * whole(right));
    case 'contains':
      return holdsItem(items(left), right);
    case 'containsAll':
      return containsItems(items(left), items(right), 'every');
    case 'containsAny':
      return containsItems(items(left), items(right), 'some');
    case 'decimalLess':
      return fraction(left) < fraction(right);
    case 'decimalMoreOrEqual':
      return fraction(left) >= fraction(right);
    default:
      throw new Error(`unknown operation ${kind}`);
  }
}

function start(from: 'context' | 'principal' | 'resource', facts: Facts): Value {
  return from === 'context' ? facts.context : facts[from].attributes;
}

function member(value: Value, step: string): Value {
  const found = fields(value).get(step);
  if (found === undefined) throw new Stopped(`no ${step}`);
  return found;
}

function attribute(value: Value, name: string, facts: Facts): Value {
  if (typeof value !== 'object' || !('entity' in value)) return member(value, name);
  const found = [facts.principal, facts.action, facts.resource].find(known => same(known.name, value.entity));
  if (found === undefined) throw new Stopped('no such entity');
  return member(found.attributes, name);
}

function memberOf({ left, right }: { left: Expression; right: Expression }, facts: Facts): boolean {
  const inner = entity(worth(left, facts));
  const outer = worth(right, facts);
  const known = [facts.principal, facts.action, facts.resource].find(({ name }) => same(name, inner));
  const names = typeof outer === 'object' && 'set' in outer ? outer.set.map(entity) : [entity(outer)];
  return names.some(name => isIn(known ?? { name: inner, attributes: true, groups: [] }, name));
}

function truth(of: Expression, facts: Facts): boolean {
  const value = worth(of, facts);
  if (typeof value !== 'boolean') throw new Stopped('not a truth');
  return value;
}

function whole(value: Value): bigint {
  if (typeof value !== 'bigint') throw new Stopped('not a whole number');
  return value;
}

function word(value: Value): string {
  if (typeof value !== 'string') throw new Stopped('not a text');
  return value;
}

function fraction(value: Value): bigint {
  if (typeof value !== 'object' || !('decimal' in value)) throw new Stopped('not a decimal');
  return value.decimal;
}

function entity(value: Value): Name {
  if (typeof value !== 'object' || !('entity' in value)) throw new Stopped('not an entity');
  return value.entity;
}

function items(value: Value): readonly Value[] {
  if (typeof value !== 'object' || !('set' in value)) throw new Stopped('not a set');
  return value.set;
}

function fields(value: Value): ReadonlyMap<string, Value> {
  if (typeof value !== 'object' || !('record' in value)) throw new Stopped('not a record');
  return value.record;
}

/** 64 bits, and no wrapping around. */
function long(value: bigint): bigint {
  if (value < -(2n ** 63n) || value >= 2n ** 63n) throw new Stopped('overflow');
  return value;
}

function ordered(left: Value, right: Value, accept: (order: number) => boolean): boolean {
  if (typeof left === 'object' && 'instant' in left && typeof right === 'object' && 'instant' in right)
    return accept(left.instant - right.instant);
  const [a, b] = [whole(left), whole(right)];
  return accept(a < b ? -1 : a > b ? 1 : 0);
}

function containsItems(set: readonly Value[], wanted: readonly Value[], how: 'every' | 'some'): boolean {
  return wanted[how](item => holdsItem(set, item));
}

function holdsItem(set: readonly Value[], item: Value): boolean {
  return set.some(other => equal(other, item));
}

/** Values of different types are different, and comparing them is no error. */
function equal(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if ('decimal' in a && 'decimal' in b) return a.decimal === b.decimal;
  if ('instant' in a && 'instant' in b) return a.instant === b.instant;
  if ('entity' in a && 'entity' in b) return same(a.entity, b.entity);
  if ('set' in a && 'set' in b)
    return a.set.every(item => holdsItem(b.set, item)) && b.set.every(item => holdsItem(a.set, item));
  if ('record' in a && 'record' in b) {
    const other = b.record;
    return (
      a.record.size === other.size &&
      [...a.record].every(([name, value]) => {
        const found = other.get(name);
        return found !== undefined && equal(value, found);
      })
    );
  }
  return false;
}

/** `undefined` in a pattern is the star. */
function glob(text: string, pattern: readonly (string | undefined)[]): boolean {
  const [first, ...rest] = pattern;
  if (pattern.length === 0) return text === '';
  if (first !== undefined) return text.startsWith(first) && glob(text.slice(first.length), rest);
  for (let at = 0; at <= text.length; at++) if (glob(text.slice(at), rest)) return true;
  return false;
}
