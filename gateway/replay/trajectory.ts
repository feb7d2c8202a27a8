import { type ProofKind, proofKinds } from '@sallyport/core/model/agent.ts';
import {
  emptyObject,
  type JsonLimits,
  type JsonNode,
  type JsonObject,
  member,
  parseJsonBytes,
} from '@sallyport/core/model/json.ts';
import { type PlainLabel, plainLabels } from '@sallyport/core/model/label.ts';
import { type Sensitivity, sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import {
  type Manifest,
  type Opener,
  openers,
  type TaskKind,
  taskKindPattern,
  vouched,
} from '@sallyport/core/model/task.ts';

/** One recorded run of an agent (docs/formats/trajectory.md), parsed. */
export interface Trajectory {
  readonly id: string;
  readonly agent: string;
  /** What proved it at its first call; undefined: not said. */
  readonly proof: ProofKind | undefined;
  readonly principal: string;
  /** The principal's words, verbatim. */
  readonly purpose: string;
  /** It is what the agent does for nobody in particular: no words of a principal, and nobody's opening. */
  readonly ambient: boolean;
  /** What it is expected to do, as its opener said. */
  readonly manifest: Manifest;
  readonly opening: RecordedOpening;
  readonly toolset: string;
  readonly steps: readonly Step[];
}

/** How its task was opened, where that is known. */
export interface RecordedOpening {
  readonly kind?: TaskKind;
  readonly opener?: Opener;
  readonly ceiling?: Sensitivity;
  /** Where it works, if whoever opened it said so. */
  readonly segments?: readonly string[];
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
  /** What proved the agent from here on, where that is not what did before. */
  readonly proof: ProofKind | undefined;
  readonly args: JsonObject;
  /** A person had said yes to it. */
  readonly approved: boolean;
  /** How what other tasks wrote there was labelled. */
  readonly inherits: readonly PlainLabel[];
  readonly outcome: RecordedOutcome;
}

export interface RecordedOutcome {
  /** `unsent`: it was permitted, and never reached its server. `answer`: the whole of it, as MCP's `CallToolResult`. */
  readonly kind: 'result' | 'error' | 'answer' | 'unsent';
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
    proof: proofOf(node),
    principal: nameOf(node, 'principal', 'user:unknown'),
    purpose: textOf(node, 'purpose'),
    ambient: isMarked(node, 'ambient'),
    manifest: manifestOf(node),
    opening: openingOf(node),
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
  const [approved, inherits] = [isMarked(node, 'approved', `${at}.`), inheritsOf(node, at)];
  const [name, proof] = [textOf(node, 'name', `${at}.`), proofOf(node, `${at}.`)];
  return { kind: 'call', name, toolset, proof, args, approved, inherits, outcome };
}

function proofOf(node: JsonObject, at = ''): ProofKind | undefined {
  return node.members.has('proof') ? wordOf(node, 'proof', at, proofKinds) : undefined;
}

function isMarked(node: JsonObject, name: string, at = '', otherwise = false): boolean {
  const value = member(node, name);
  if (value === undefined) return otherwise;
  if (value.kind !== 'boolean') throw new Wrong(`${at}${name}`, 'must be true or false');
  return value.value;
}

function openingOf(node: JsonObject): RecordedOpening {
  const stated = member(node, 'opening') ?? emptyObject;
  if (stated.kind !== 'object') throw new Wrong('opening', 'must be an object');
  const at = 'opening.';
  const has = (name: string): boolean => stated.members.has(name);
  const kind = has('kind') ? textOf(stated, 'kind', at) : undefined;
  if (kind !== undefined && !taskKindPattern.test(kind)) throw new Wrong(`${at}kind`, 'is no name of a kind of task');
  const segments = namesOf(stated, 'segments', at);
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(has('opener') ? { opener: wordOf(stated, 'opener', at, vouchedOpeners) } : {}),
    ...(has('ceiling') ? { ceiling: wordOf(stated, 'ceiling', at, sensitivitiesLowestFirst) } : {}),
    ...(segments === undefined ? {} : { segments }),
  };
}

/** Of any other the words and the manifest count for nothing: such a run is `ambient`. */
const vouchedOpeners = openers.filter(opener => vouched({ opener }));

function wordOf<T extends string>(node: JsonObject, name: string, at: string, words: readonly T[]): T {
  const value = textOf(node, name, at);
  const known = words.find(word => word === value);
  if (known === undefined) throw new Wrong(`${at}${name}`, `must be one of ${words.join(', ')}`);
  return known;
}

function manifestOf(node: JsonObject): Manifest {
  const stated = member(node, 'manifest') ?? emptyObject;
  if (stated.kind !== 'object') throw new Wrong('manifest', 'must be an object');
  const [tools, resources, destinations] = (['tools', 'resources', 'destinations'] as const).map(part =>
    namesOf(stated, part, 'manifest.'),
  );
  return { tools, resources, destinations };
}

function namesOf(node: JsonObject, name: string, at: string): readonly string[] | undefined {
  const names = member(node, name);
  if (names === undefined) return undefined;
  const texts = names.kind === 'array' ? names.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
  if (names.kind !== 'array' || texts.length < names.items.length)
    throw new Wrong(`${at}${name}`, 'must be an array of strings');
  return texts;
}

function inheritsOf(node: JsonObject, at: string): readonly PlainLabel[] {
  const named = namesOf(node, 'inherits', `${at}.`) ?? [];
  const labels = plainLabels.filter(label => named.includes(label));
  if (labels.length < new Set(named).size) throw new Wrong(`${at}.inherits`, `must be of ${plainLabels.join(', ')}`);
  return labels;
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
  if (!isMarked(node, 'sent', `${at}.`, true)) return { kind: 'unsent', node: nothingSaid, said: [] };
  const answer = member(node, 'answer');
  if (answer !== undefined && answer.kind !== 'object') throw new Wrong(`${at}.answer`, 'must be an object');
  if (answer !== undefined) return { kind: 'answer', node: answer, said };
  const error = member(node, 'error');
  if (error !== undefined && error.kind !== 'null') return { kind: 'error', node: error, said };
  return { kind: 'result', node: member(node, 'result') ?? nothingSaid, said };
}

const nothingSaid: JsonNode = { kind: 'string', value: '' };

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
