import type { Look } from './looks-at.ts';
import { type Members, membersOf } from './members.ts';
import type { ShownBody } from './shown-body.ts';
import type { ShownAgent } from './slice.ts';

/** The facts of a decision as far as they are shown. */
export interface Facts {
  /** By kind: `agent`, `task`, … Values are JSON. */
  readonly gathered: ReadonlyMap<string, unknown>;
  /** Every kind of fact that there is; undefined if that is not shown. */
  readonly kinds: readonly string[] | undefined;
  /** The arguments as policy saw them, as far as they are shown. Numbers stand as `Exact`. */
  readonly input: Members;
  /** Paths of arguments that are there and not shown. */
  readonly hiddenInput: readonly (readonly string[])[];
  readonly allArgumentsKnown: boolean;
}

/** A number as it was written: a double would be another. */
export class Exact {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export function factsOf(request: ShownBody | undefined, args: ShownBody | undefined, method: string): Facts {
  const gathered = new Map<string, unknown>();
  for (const [path, value] of request?.known ?? [])
    gathered.set((JSON.parse(path) as string[]).join('.'), JSON.parse(value));
  const kinds = request?.paths?.map(path => path.join('.'));
  if (args?.whole !== undefined) {
    const whole = membersOf(exact(args.whole));
    const input = method === 'tools/call' ? membersOf(whole.arguments) : whole;
    return { gathered, kinds, input, hiddenInput: [], allArgumentsKnown: true };
  }
  const input: Record<string, unknown> = Object.create(null);
  for (const [path, value] of args?.known ?? [])
    put(input, inputPath(JSON.parse(path) as string[], method), exact(value));
  const listed = args?.paths ?? [];
  return {
    ...{ gathered, kinds, input, allArgumentsKnown: args?.paths !== undefined },
    hiddenInput: listed.filter(path => !args?.known.has(JSON.stringify(path))).map(path => inputPath(path, method)),
  };
}

/** Whoever acted, if it is shown. */
export function agentIn({ gathered }: Facts): ShownAgent | undefined {
  return gathered.has('agent') ? agentOf(gathered.get('agent')) : undefined;
}

/** Who delegated to it or asked it, nearest first; undefined if that is not shown: then there may be some. */
export function actorsIn({ gathered, kinds }: Facts): readonly ShownAgent[] | undefined {
  const actors = gathered.get('actors');
  if (actors !== undefined) return (actors as readonly unknown[]).map(agentOf);
  return kinds?.includes('actors') === false ? [] : undefined;
}

/** Throws if it has no name: nobody can be asked about then. */
function agentOf(fact: unknown): ShownAgent {
  const agent = fact as ShownAgent | null;
  if (typeof agent?.id === 'string') return agent;
  throw new Error('an agent has no id');
}

/** Names of facts that these looks need and that are not shown; empty if the question can be put. */
export function missingFor(looks: readonly Look[], facts: Facts): string[] {
  const missing = new Set<string>();
  for (const { path } of looks) {
    const [kind, ...inside] = path;
    if (kind === 'approved' || kind === 'principal') continue;
    if (kind === undefined) return ['everything'];
    if (kind !== 'input') {
      // A kind that is not in the list of kinds is not there, and needs no showing.
      if (!facts.gathered.has(kind) && facts.kinds?.includes(kind) !== false) missing.add(kind);
    } else if (!facts.allArgumentsKnown && !isShown(inside, facts.input))
      missing.add(['arguments', ...inside].join('.'));
    else
      for (const hidden of facts.hiddenInput.filter(path => overlap(path, inside)))
        missing.add(['arguments', ...hidden].join('.'));
  }
  return [...missing].sort();
}

/**
 * Of the facts shown, only what is looked at: of the others nothing is said, not even that they have a type. Of a record
 * that is only asked for no member is looked at.
 */
export function lookedAt(looks: readonly Look[], facts: Facts): Facts {
  const gathered = new Map<string, unknown>();
  for (const [kind, value] of facts.gathered) {
    const own = below(looks, kind);
    if (own.length > 0) gathered.set(kind, seen(value, own));
  }
  return { ...facts, gathered, input: membersOf(seen(facts.input, below(looks, 'input'))) };
}

/** What these looks into a value see of it. A list is seen as a whole. */
function seen(value: unknown, looks: readonly Look[]): unknown {
  const isWhole = looks.some(({ path, isPresence }) => path.length === 0 && !isPresence);
  if (isWhole || typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Exact)
    return value;
  const members: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) {
    const own = below(looks, name);
    if (own.length > 0) members.push([name, seen(part, own)]);
  }
  return Object.fromEntries(members);
}

/** Those that go into this member, from there on. */
function below(looks: readonly Look[], name: string): readonly Look[] {
  return looks
    .filter(({ path }) => path[0] === name)
    .map(({ path, isPresence }) => ({ path: path.slice(1), isPresence }));
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.slice(0, b.length).every((step, at) => b[at] === undefined || step === b[at]);
}

/** The argument itself is shown: that others may be there changes nothing for who looks at this one alone. */
function isShown(path: readonly string[], input: Members): boolean {
  const [first] = path;
  return first !== undefined && Object.hasOwn(input, first) && !(path.length > 1 && isPartial(input[first]));
}

function isPartial(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

/** `context.input` is the arguments of a tool, and the parameters of any other method. */
function inputPath(path: readonly string[], method: string): readonly string[] {
  return method === 'tools/call' && path[0] === 'arguments' ? path.slice(1) : path;
}

function put(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) into[first] = value;
  else {
    into[first] ??= Object.create(null) as Record<string, unknown>;
    put(into[first] as Record<string, unknown>, rest, value);
  }
}

function exact(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === 'number' ? new Exact(source ?? String(value)) : value,
  );
}
