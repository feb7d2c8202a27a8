import type { JsonNode, JsonObject } from '@sallyport/core/model/json.ts';
import { invalidParams, type Malformed, shownName } from './malformed.ts';
import { idText } from './message.ts';
import { logLevels } from './protocol.ts';

/** What a member may hold. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'object'
  /** A request id or a progress token. */
  | 'id'
  /** A log level: there are eight, and none has room for anything else. */
  | 'level'
  /** An array of strings. */
  | 'strings'
  /** An object whose values are strings. */
  | 'string-values'
  | Members;

/** A closed set: a name that is not there is refused, whatever its spelling, because a server might read it (`Name` beside `name`, GHSA-4gph-2hhr-5mwg). */
export interface Members {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
}

/** The members of an object by their names; a trailing `?` marks what may be absent. */
export function members(marked: Readonly<Record<string, Shape>>): Members {
  const entries = Object.entries(marked).map(([name, shape]) => ({ name: name.replace(/\?$/, ''), shape, mark: name }));
  return {
    shapes: new Map(entries.map(({ name, shape }) => [name, shape])),
    required: entries.flatMap(({ name, mark }) => (name === mark ? [name] : [])),
  };
}

/** Holds `params` against its row; `_meta` is every row's own. Undefined if it fits. */
export function checkParams(params: JsonObject, shape: Shape): Malformed | undefined {
  return check(params, shape, 'params', true);
}

function check(node: JsonNode, shape: Shape, path: string, top: boolean): Malformed | undefined {
  if (typeof shape === 'object') return checkMembers(node, shape, path, top);
  const fits = node.kind === shape || plainChecks.get(shape)?.(node) === true;
  return fits ? undefined : invalidParams(path, `must be ${shapeNames.get(shape) ?? `a ${shape}`}`);
}

const plainChecks: ReadonlyMap<string, (node: JsonNode) => boolean> = new Map([
  ['id', node => idText(node) !== undefined],
  ['level', node => node.kind === 'string' && logLevels.includes(node.value)],
  ['strings', node => node.kind === 'array' && node.items.every(isString)],
  ['string-values', node => node.kind === 'object' && [...node.members.values()].every(isString)],
]);

const shapeNames: ReadonlyMap<string, string> = new Map([
  ['object', 'an object'],
  ['id', 'a string or a plain integer'],
  ['level', 'a log level'],
  ['strings', 'an array of strings'],
  ['string-values', 'an object of strings'],
]);

function isString(node: JsonNode): boolean {
  return node.kind === 'string';
}

function checkMembers(node: JsonNode, of: Members, path: string, top: boolean): Malformed | undefined {
  if (node.kind !== 'object') return invalidParams(path, 'must be an object');
  for (const [name, value] of node.members) {
    if (top && name === '_meta') continue;
    const shape = of.shapes.get(name);
    // Most members fit, and need not be named.
    if (shape !== undefined && value.kind === shape) continue;
    const at = `${path}.${shownName(name)}`;
    if (shape === undefined) return invalidParams(at, 'is not a member of this method');
    const wrong = check(value, shape, at, false);
    if (wrong !== undefined) return wrong;
  }
  for (const name of of.required) if (!node.members.has(name)) return invalidParams(`${path}.${name}`, 'is required');
  return undefined;
}
