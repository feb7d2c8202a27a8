/**
 * Cedar's JSON policy format (docs.cedarpolicy.com, "JSON policy format") as the engine's `policyToJson` writes it,
 * read into the few kinds of node that matter here. A form that is not known throws: a policy that is not understood
 * is not loaded.
 */
export type Node =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly name: Variable }
  /** `left.attr` and `left["attr"]` */
  | { readonly kind: 'attribute'; readonly left: Node; readonly name: string }
  /** `left has a` and `left has a.b.c` */
  | { readonly kind: 'has'; readonly left: Node; readonly path: readonly string[] }
  /** `left in right`, and `left is Type in right` with its type */
  | { readonly kind: 'in'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'is'; readonly left: Node }
  | { readonly kind: 'logic'; readonly operator: '&&' | '||'; readonly left: Node; readonly right: Node }
  /** Everything else; `tag` for the two that read tags of an entity. */
  | { readonly kind: 'operation'; readonly name: string; readonly parts: readonly Node[] };

/** One clause of a policy. They are evaluated in their order, as if `&&` stood between them. */
export interface Condition {
  readonly kind: 'when' | 'unless';
  readonly body: Node;
}

export type Variable = 'principal' | 'action' | 'resource' | 'context';

/** Deeper, an expression could exhaust the engine's stack when it is evaluated. */
const expressionDepthMax = 400;

export class UnknownForm extends Error {}

export function readExpression(json: unknown, depth = 0): Node {
  if (depth > expressionDepthMax) throw new UnknownForm(`an expression has more than ${expressionDepthMax} levels`);
  const read = (part: unknown): Node => readExpression(part, depth + 1);
  const [name, body] = onlyMember(json);
  switch (name) {
    case 'Value':
      return { kind: 'value', value: body };
    case 'Var':
      return { kind: 'variable', name: variable(body) };
    case '.':
      return { kind: 'attribute', left: read(field(body, 'left')), name: text(field(body, 'attr')) };
    case 'has':
      return { kind: 'has', left: read(field(body, 'left')), path: pathOf(field(body, 'attr')) };
    case 'in':
      return { kind: 'in', left: read(field(body, 'left')), right: read(field(body, 'right')) };
    case 'is': {
      const left = read(field(body, 'left'));
      return isObject(body) && 'in' in body ? { kind: 'in', left, right: read(body.in) } : { kind: 'is', left };
    }
    case '&&':
    case '||':
      return { kind: 'logic', operator: name, left: read(field(body, 'left')), right: read(field(body, 'right')) };
    case 'like':
      return { kind: 'operation', name, parts: [read(field(body, 'left'))] };
    case 'Slot':
      throw new UnknownForm('templates are not supported');
    default:
      return { kind: 'operation', name, parts: partsOf(name, body).map(read) };
  }
}

function partsOf(name: string, body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body; // a set, or a function with its arguments
  if (!isObject(body)) throw new UnknownForm(`\`${name}\` has an unknown form`);
  if (name === 'Record') return Object.values(body);
  const known = ['arg', 'left', 'right', 'if', 'then', 'else'];
  const strange = Object.keys(body).find(key => !known.includes(key));
  if (strange !== undefined) throw new UnknownForm(`\`${name}\` has an unknown part \`${strange}\``);
  return Object.values(body);
}

function pathOf(json: unknown): string[] {
  return Array.isArray(json) ? json.map(text) : [text(json)];
}

function variable(json: unknown): Variable {
  const name = text(json);
  if (name === 'principal' || name === 'action' || name === 'resource' || name === 'context') return name;
  throw new UnknownForm(`the variable \`${name}\` is not known`);
}

function onlyMember(json: unknown): readonly [string, unknown] {
  const [entry, ...others] = isObject(json) ? Object.entries(json) : [];
  if (entry === undefined || others.length > 0) throw new UnknownForm('an expression has an unknown form');
  return entry;
}

function field(json: unknown, name: string): unknown {
  if (isObject(json) && Object.hasOwn(json, name)) return json[name];
  throw new UnknownForm(`\`${name}\` is missing in an expression`);
}

function text(json: unknown): string {
  if (typeof json === 'string') return json;
  throw new UnknownForm('a name in an expression is not a text');
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** `context.task.kind` as `context` and its path; undefined for anything that does not start at a variable. */
export function pathFrom(node: Node): { readonly variable: Variable; readonly path: readonly string[] } | undefined {
  if (node.kind === 'variable') return { variable: node.name, path: [] };
  if (node.kind !== 'attribute') return undefined;
  const left = pathFrom(node.left);
  return left === undefined ? undefined : { variable: left.variable, path: [...left.path, node.name] };
}

/** The nodes directly below. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'value':
    case 'variable':
      return [];
    case 'attribute':
    case 'has':
    case 'is':
      return [node.left];
    case 'in':
    case 'logic':
      return [node.left, node.right];
    case 'operation':
      return node.parts;
  }
}

/** The entity that a literal names. */
export function entityLiteral(node: Node): { readonly type: string; readonly id: string } | undefined {
  if (node.kind !== 'value' || !isObject(node.value)) return undefined;
  const entity = node.value.__entity;
  if (!isObject(entity) || typeof entity.type !== 'string' || typeof entity.id !== 'string') return undefined;
  return { type: entity.type, id: entity.id };
}
