import { type Condition, childrenOf, entityLiteral, type Node, pathFrom, type Variable } from './expression.ts';
import type { Uid } from './scope.ts';

/**
 * What the conditions of one or more policies can look at. A request that leaves out everything else is decided the
 * same, with the same reasons and the same errors, and is several times cheaper. Scopes are not counted: slices have
 * them resolved already.
 */
export interface Mentions {
  readonly context: Mention;
  readonly principal: EntityMention;
  readonly resource: EntityMention;
  readonly action: EntityMention;
  /** Something is looked at in a way that was not followed: leave nothing out. */
  readonly everything: boolean;
}

/** A place in the context: used as a whole, only asked for (`has`), or looked into. */
export interface Mention {
  readonly whole: boolean;
  readonly asked: boolean;
  readonly parts: ReadonlyMap<string, Mention>;
}

export interface EntityMention {
  readonly attributes: ReadonlySet<string>;
  /** What it is asked to be in, as `groupKey` writes it; `any` where that does not stand in the policies. */
  readonly groups: ReadonlySet<string> | 'any';
}

/** Something of it is asked for beside its name. */
export function isMentioned({ groups, attributes }: EntityMention): boolean {
  return groups === 'any' || groups.size > 0 || attributes.size > 0;
}

export function groupKey({ type, id }: Uid): string {
  return `${type}::${id}`;
}

export function mentionsOf(conditions: Iterable<Pick<Condition, 'body'>>): Mentions {
  const found = new Found();
  for (const { body } of conditions) visit(body, found);
  return found;
}

/** The mention at `path`, or undefined if nothing looks there. */
function mentionAt(mention: Mention, path: readonly string[]): Mention | undefined {
  return path.reduce<Mention | undefined>((at, name) => at?.parts.get(name), mention);
}

/** Whether the answer can depend on `context.approved`. */
export function looksAtApproval({ everything, context }: Mentions): boolean {
  return everything || context.whole || mentionAt(context, ['approved']) !== undefined;
}

/** Every place that is used as a whole or asked for. */
export function* leavesOf(mention: Mention, path: readonly string[] = []): Generator<Leaf> {
  if (mention.whole || mention.asked) yield { path, whole: mention.whole, asked: mention.asked };
  for (const [name, part] of mention.parts) yield* leavesOf(part, [...path, name]);
}

export interface Leaf {
  readonly path: readonly string[];
  readonly whole: boolean;
  readonly asked: boolean;
}

class Place implements Mention {
  whole = false;
  asked = false;
  readonly parts = new Map<string, Place>();

  below(path: readonly string[]): Place {
    let at: Place = this;
    for (const name of path) {
      let next = at.parts.get(name);
      if (next === undefined) {
        next = new Place();
        at.parts.set(name, next);
      }
      at = next;
    }
    return at;
  }
}

class Entity implements EntityMention {
  readonly attributes = new Set<string>();
  groups: Set<string> | 'any' = new Set();

  askedIn(group: Node): void {
    const literal = entityLiteral(group);
    if (group.kind === 'operation' && group.name === 'Set') for (const part of group.parts) this.askedIn(part);
    else if (literal === undefined) this.groups = 'any';
    else if (this.groups !== 'any') this.groups.add(groupKey(literal));
  }
}

class Found implements Mentions {
  readonly context = new Place();
  readonly principal = new Entity();
  readonly resource = new Entity();
  readonly action = new Entity();
  everything = false;
}

function visit(node: Node, found: Found): void {
  if (node.kind === 'in') {
    visitMembership(node.left, node.right, found);
    return;
  }
  const place = node.kind === 'has' ? pathFrom(node.left) : pathFrom(node);
  if (place !== undefined) {
    if (node.kind === 'has') mention(place.variable, [...place.path, ...node.path], 'asked', found);
    else mention(place.variable, place.path, 'whole', found);
    return;
  }
  if (looksIntoSomething(node)) found.everything = true;
  for (const child of childrenOf(node)) visit(child, found);
}

/** It reads a member, an attribute or a tag of something that does not stand at a variable: not followed further. */
function looksIntoSomething(node: Node): boolean {
  if (node.kind === 'operation') return node.name === 'getTag' || node.name === 'hasTag';
  return node.kind === 'attribute' || node.kind === 'has';
}

function mention(variable: Variable, path: readonly string[], how: 'whole' | 'asked', found: Found): void {
  if (variable === 'context') found.context.below(path)[how] = true;
  // An entity as a whole is only its name here; whatever looks into it, through whatever expression, is counted there.
  else if (path[0] !== undefined) {
    if (variable === 'action') found.everything = true;
    else found[variable].attributes.add(path[0]);
  }
}

function visitMembership(left: Node, right: Node, found: Found): void {
  const variable = left.kind === 'variable' ? left.name : 'context';
  if (variable === 'context') {
    found.everything = true;
    visit(left, found);
  } else found[variable].askedIn(right);
  visit(right, found);
}

/**
 * Whether something looks into an entity that may be one named in the policy itself. Only the requesting agent, the tool
 * and the action are known when a request is decided, so the answer would depend on who happens to ask.
 */
export function looksIntoLiteral(node: Node): boolean {
  const base = node.kind === 'attribute' || node.kind === 'has' || node.kind === 'in' ? node.left : undefined;
  return (base !== undefined && holdsLiteral(base)) || childrenOf(node).some(looksIntoLiteral);
}

function holdsLiteral(node: Node): boolean {
  return entityLiteral(node) !== undefined || childrenOf(node).some(holdsLiteral);
}
