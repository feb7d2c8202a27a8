import type { Call } from '../model/call.ts';
import type { OutcomeId, TaskId } from '../model/ids.ts';
import { type JsonNode, type JsonObject, normalText } from '../model/json.ts';
import type { LabelSource } from '../model/label.ts';
import { isQuestionMethod } from '../model/question.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import { type Tool, toolKey } from '../model/tool.ts';
import { classesOfCall } from '../policy/classify/by-call.ts';
import { sinksOf } from '../provenance/call/sinks.ts';
import { handlesIn } from '../provenance/handles/handle.ts';
import type { Held } from '../provenance/handles/held-values.ts';

/** A value that the agent has not seen and that stands in its call all the same. */
export interface PutBack {
  /** `message.body` */
  readonly argument: string;
  /** The outcome that brought it, and where in it. */
  readonly entry: OutcomeId;
  readonly path: string;
  readonly sources: readonly LabelSource[];
}

/** What they are marked with. */
export function sourcesIn(all: readonly PutBack[]): readonly LabelSource[] {
  return all.length === 0 ? noSources : all.flatMap(({ sources }) => sources);
}

const noSources: readonly LabelSource[] = [];

export function withSources(some: readonly LabelSource[], more: readonly LabelSource[]): readonly LabelSource[] {
  return more.length === 0 ? some : [...some, ...more];
}

/** A call as it is decided and sent. */
export interface WholeCall {
  readonly call: Call;
  readonly putBack: readonly PutBack[];
}

/** Handles in one call, and characters that are put in their place. */
export const putBackMax = 64;
export const putBackCharsMax = 1_048_576;

const nothing: readonly PutBack[] = [];

/** What this task was given handles for. */
export interface Handles {
  /** No task was given any: nothing is looked for. */
  readonly isEmpty: boolean;
  readonly find: (task: TaskId, handle: string) => Held | undefined;
  readonly hold: (task: TaskId, values: readonly Held[]) => void;
}

/**
 * Puts values in the place of handles, once: what is put in is not looked through. From here on the call is what it says, and
 * is decided, hashed, shown to people and sent as such. A handle that names nothing here (forged, another task's, forgotten) is
 * refused, and so is one inside a word, a link or a name, where it would be a part of something else.
 */
export function putBack(call: Call, task: TaskId, handles: Handles | undefined): Checked<WholeCall> {
  if (handles === undefined || handles.isEmpty) return passed({ call, putBack: nothing });
  const filling: Filling = { task, handles, done: [], chars: 0 };
  try {
    const input = fill(call.input, '', filling) as JsonObject;
    if (filling.done.length === 0) return passed({ call, putBack: nothing });
    // What a server asked for goes back as it was typed: the answer is not made here.
    if (isQuestionMethod(call.method)) throw new Misplaced('arguments', 'a handle cannot be the answer to a question');
    return passed({ call: { ...call, input, bytes: call.bytes + filling.chars }, putBack: filling.done });
  } catch (thrown) {
    if (thrown instanceof Misplaced) return refused(misplacedRefusal(call, thrown));
    throw thrown;
  }
}

/**
 * A handle that stands in a text was put there beside the agent's own words: only what is said may be made so, both by what the
 * agent wrote and by what it says then.
 */
export function misplaced({ call, putBack: all }: WholeCall, asked: Call, tool: Tool): Refusal | undefined {
  if (all.length === 0) return undefined;
  const inTexts = all.filter(({ argument }) => argument.endsWith(inText));
  if (inTexts.length === 0) return undefined;
  const isSaid = [asked.input, call.input].map(input => {
    const { sinks } = sinksOf(tool, input);
    return new Set(sinks.flatMap(({ role, argument }) => (role === 'content' ? [`${argument}${inText}`] : [])));
  });
  const wrong = inTexts.find(({ argument }) => !isSaid.every(said => said.has(argument)));
  if (wrong === undefined) return undefined;
  const where = wrong.argument.slice(0, -inText.length);
  return misplacedRefusal(
    call,
    new Misplaced(where, 'a handle stands there beside other words, and it is no text that is said'),
  );
}

/** Roles that they have, and `egress` and `code` where the call is of those classes: what policy is told of them. */
export function rolesOf(all: readonly PutBack[], tool: Tool, input: JsonObject): readonly string[] {
  if (all.length === 0) return [];
  const { sinks } = sinksOf(tool, input);
  const roles = new Set<string>();
  for (const { argument } of all) {
    const plain = argument.endsWith(inText) ? argument.slice(0, -inText.length) : argument;
    // More values than are looked at: it may be anything.
    roles.add(sinks.find(sink => sink.argument === plain)?.role ?? 'command');
  }
  for (const name of classesOfCall(tool, input).classes) if (name === 'egress' || name === 'code') roles.add(name);
  return [...roles];
}

const inText = ' (text)';

class Misplaced extends Error {
  readonly argument: string;
  readonly code: 'handle-unknown' | 'handle-misplaced';
  constructor(argument: string, why: string, code: Misplaced['code'] = 'handle-misplaced') {
    super(why);
    this.argument = argument;
    this.code = code;
  }
}

interface Filling {
  readonly task: TaskId;
  readonly handles: Handles;
  readonly done: PutBack[];
  chars: number;
}

function fill(node: JsonNode, path: string, filling: Filling): JsonNode {
  switch (node.kind) {
    case 'string':
      return { kind: 'string', value: filled(node.value, path, filling) };
    case 'array':
      return { kind: 'array', items: node.items.map((item, index) => fill(item, `${path}[${index}]`, filling)) };
    case 'object': {
      const members = new Map<string, JsonNode>();
      for (const [name, value] of node.members) {
        if (handlesIn(name).length > 0) throw new Misplaced(path, 'a handle cannot be the name of an argument');
        members.set(name, fill(value, path === '' ? name : `${path}.${name}`, filling));
      }
      return { kind: 'object', members };
    }
    default:
      return node;
  }
}

function filled(text: string, path: string, filling: Filling): string {
  const found = handlesIn(text);
  if (found.length === 0) return text;
  let whole = '';
  let at = 0;
  for (const { handle, from, to } of found) {
    const isAll = from === 0 && to === text.length;
    if (!isAll && !standsAlone(text, from, to))
      throw new Misplaced(path, 'a handle stands there inside a word or a link');
    const held = filling.handles.find(filling.task, handle);
    if (held === undefined) throw new Misplaced(path, 'a handle there names no value of this task', 'handle-unknown');
    filling.chars += held.value.length;
    if (filling.done.length >= putBackMax || filling.chars > putBackCharsMax)
      throw new Misplaced(path, `a call can hold ${putBackMax} handles and ${putBackCharsMax} characters of values`);
    const { entry, sources } = held;
    filling.done.push({ argument: isAll ? path : `${path}${inText}`, entry, path: held.path, sources });
    whole += text.slice(at, from) + held.value;
    at = to;
  }
  return whole + text.slice(at);
}

/** Between blanks, or at an end; a full stop or a comma may follow. */
function standsAlone(text: string, from: number, to: number): boolean {
  return (
    /^$|\s$/.test(text.slice(Math.max(0, from - 1), from)) && /^(?:$|[.,;:!?]?(?:\s|$))/.test(text.slice(to, to + 2))
  );
}

function misplacedRefusal({ server, name }: Call, { argument, message, code }: Misplaced): Refusal {
  const fix =
    code === 'handle-unknown'
      ? 'read it again, and use the handle that this task is given then'
      : 'give a handle as the whole value of an argument, or as a word by itself in a text';
  return { code, what: toolKey(server, name), why: `in ${argument === '' ? 'arguments' : argument}: ${message}`, fix };
}

/** The arguments as the agent sent them, for the record. */
export function askedText({ input }: Call): string {
  return normalText(input);
}
