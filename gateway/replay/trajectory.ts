import {
  emptyObject,
  type JsonLimits,
  type JsonNode,
  type JsonObject,
  member,
  parseJsonBytes,
} from '@sallyport/core/model/json.ts';
import type { Manifest } from '@sallyport/core/model/task.ts';

/** One recorded run of an agent (design §5, "Trajectory format"), parsed. */
export interface Trajectory {
  readonly id: string;
  readonly agent: string;
  readonly principal: string;
  /** The principal's words, verbatim. */
  readonly purpose: string;
  /** It is what the agent does for nobody in particular: no words of a principal, and nobody's opening (design §4). */
  readonly ambient: boolean;
  /** What it is expected to do, as its opener said. */
  readonly manifest: Manifest;
  readonly toolset: string;
  readonly steps: readonly Step[];
}

export type Step =
  | CallStep
  /** Further words of the principal. */
  | { readonly kind: 'prompt'; readonly words: string }
  /** A hand-over to another agent, with what it was told. */
  | { readonly kind: 'handover'; readonly words: string; readonly agent: string };

export interface CallStep {
  readonly kind: 'call';
  readonly name: string;
  /** Where it is not that of the run. */
  readonly toolset: string | undefined;
  readonly args: JsonObject;
  readonly outcome: RecordedOutcome;
}

export interface RecordedOutcome {
  readonly kind: 'result' | 'error';
  readonly node: JsonNode;
  /** What the server said beside it, in order, before it answered. */
  readonly said: readonly Said[];
}

export interface Said {
  readonly via: 'progress' | 'log';
  readonly text: string;
}

/** What is wrong with a line. `field` names a member (`calls[3].name`), never a value. */
export interface TrajectoryFault {
  readonly field: string;
  readonly why: string;
}

export type TrajectoryParsed =
  | { readonly ok: true; readonly trajectory: Trajectory }
  | { readonly ok: false; readonly fault: TrajectoryFault };

/**
 * A line is a record of what others sent, so a number beyond double precision is kept as text here: the call that
 * carries it is refused later, as it would be on the wire, and the rest of the run is still decided.
 */
const lineJsonLimits: JsonLimits = {
  charsMax: 64 * 1024 * 1024,
  depthMax: 128,
  valuesMax: 2_000_000,
  numberCharsMax: 400,
  reservedMembers: 'keep',
  inexactNumbers: 'keep',
};

/** Members that the format does not name are ignored; those it names must have their type. */
export function parseTrajectory(line: Uint8Array): TrajectoryParsed {
  const parsed = parseJsonBytes(line, lineJsonLimits);
  if (!parsed.ok) return { ok: false, fault: { field: parsed.fault.path, why: parsed.fault.message } };
  try {
    return { ok: true, trajectory: trajectoryOf(parsed.node) };
  } catch (thrown) {
    if (thrown instanceof Wrong) return { ok: false, fault: { field: thrown.field, why: thrown.message } };
    throw thrown;
  }
}

class Wrong extends Error {
  readonly field: string;
  constructor(field: string, why: string) {
    super(why);
    this.field = field;
  }
}

function trajectoryOf(node: JsonNode): Trajectory {
  if (node.kind !== 'object') throw new Wrong('', 'a line must be a JSON object');
  const calls = member(node, 'calls');
  if (calls?.kind !== 'array') throw new Wrong('calls', calls === undefined ? 'is missing' : 'must be an array');
  return {
    id: textOf(node, 'id'),
    agent: nameOf(node, 'agent', 'agent'),
    principal: nameOf(node, 'principal', 'user:unknown'),
    purpose: textOf(node, 'purpose'),
    ambient: isAmbient(node),
    manifest: manifestOf(node),
    toolset: textOf(node, 'toolset'),
    steps: calls.items.map((item, index) => stepOf(item, `calls[${index}]`)),
  };
}

function stepOf(node: JsonNode, at: string): Step {
  if (node.kind !== 'object') throw new Wrong(at, 'must be an object');
  if (node.members.has('prompt')) return { kind: 'prompt', words: textOf(node, 'prompt', `${at}.`) };
  if (node.members.has('task'))
    return {
      kind: 'handover',
      words: textOf(node, 'task', `${at}.`),
      agent: nameOf(node, 'agent', undefined, `${at}.`),
    };
  const toolset = node.members.has('toolset') ? textOf(node, 'toolset', `${at}.`) : undefined;
  const [args, outcome] = [argsOf(node, at), outcomeOf(node, at)];
  return { kind: 'call', name: textOf(node, 'name', `${at}.`), toolset, args, outcome };
}

function isAmbient(node: JsonObject): boolean {
  const ambient = member(node, 'ambient');
  if (ambient === undefined) return false;
  if (ambient.kind !== 'boolean') throw new Wrong('ambient', 'must be true or false');
  return ambient.value;
}

function manifestOf(node: JsonObject): Manifest {
  const stated = member(node, 'manifest') ?? emptyObject;
  if (stated.kind !== 'object') throw new Wrong('manifest', 'must be an object');
  const namesOf = (part: string): readonly string[] | undefined => {
    const names = member(stated, part);
    if (names === undefined) return undefined;
    const texts =
      names.kind === 'array' ? names.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
    if (names.kind !== 'array' || texts.length < names.items.length)
      throw new Wrong(`manifest.${part}`, 'must be an array of strings');
    return texts;
  };
  return { tools: namesOf('tools'), resources: namesOf('resources'), destinations: namesOf('destinations') };
}

function argsOf(node: JsonObject, at: string): JsonObject {
  const args = member(node, 'args');
  if (args === undefined) return emptyObject;
  if (args.kind !== 'object') throw new Wrong(`${at}.args`, 'must be an object');
  return args;
}

/** A result that was not recorded is an empty text. An error is what the agent read, so it is a result as well. */
function outcomeOf(node: JsonObject, at: string): RecordedOutcome {
  const said = saidOf(node, at);
  const error = member(node, 'error');
  if (error !== undefined && error.kind !== 'null') return { kind: 'error', node: error, said };
  return { kind: 'result', node: member(node, 'result') ?? { kind: 'string', value: '' }, said };
}

function saidOf(node: JsonObject, at: string): Said[] {
  const said = member(node, 'said');
  if (said === undefined) return [];
  if (said.kind !== 'array') throw new Wrong(`${at}.said`, 'must be an array');
  return said.items.map((item, index) => {
    const place = `${at}.said[${index}]`;
    if (item.kind !== 'object') throw new Wrong(place, 'must be an object');
    const via = textOf(item, 'via', `${place}.`);
    if (via !== 'progress' && via !== 'log') throw new Wrong(`${place}.via`, 'must be "progress" or "log"');
    return { via, text: textOf(item, 'text', `${place}.`) };
  });
}

function textOf(node: JsonObject, name: string, at = ''): string {
  const value = member(node, name);
  if (value === undefined) throw new Wrong(`${at}${name}`, 'is missing');
  if (value.kind !== 'string') throw new Wrong(`${at}${name}`, 'must be a string');
  return value.value;
}

const nameCharsMax = 256;

function nameOf(node: JsonObject, name: string, otherwise: string | undefined, at = ''): string {
  if (otherwise !== undefined && !node.members.has(name)) return otherwise;
  const value = textOf(node, name, at);
  if (value === '' || value.length > nameCharsMax)
    throw new Wrong(`${at}${name}`, `must have 1 to ${nameCharsMax} characters`);
  return value;
}
