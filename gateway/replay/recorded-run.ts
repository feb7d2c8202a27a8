import type { Bodies, Decided, Entry, TaskOpened, Written } from '@sallyport/core/model/entry.ts';
import type { EntryId } from '@sallyport/core/model/ids.ts';
import {
  emptyObject,
  type JsonLimits,
  type JsonNode,
  type JsonObject,
  member,
  normalText,
  parseJson,
  stringMember,
} from '@sallyport/core/model/json.ts';
import { plainLabels } from '@sallyport/core/model/label.ts';
import { reservedTaskKinds } from '@sallyport/core/model/task.ts';

/** A run as the record has it, as one line of trajectory format (docs/formats/trajectory.md). */
export interface RecordedRun {
  readonly task: string;
  /** Undefined where nothing is left of it that could be decided again. */
  readonly line: string | undefined;
  readonly calls: number;
  /** The servers of its calls. */
  readonly servers: ReadonlySet<string>;
  /** What of it does not stand in the line, in sentences; so says the line itself (`left`). */
  readonly left: readonly string[];
}

/** The body of an entry; undefined where it is not kept any more. */
export type KeptBody = (entry: Entry) => Promise<Bodies | undefined>;

/** `entries`: all that the record has of one task, in order. */
export async function recordedRun(entries: readonly Entry[], bodyOf: KeptBody): Promise<RecordedRun> {
  const [opened] = entries.filter(entry => entry.kind === 'task.opened');
  const outcomes = new Map(entries.flatMap(entry => (isRead(entry) ? [[entry.decision, entry] as const] : [])));
  const own = new Set<string>(entries.map(({ id }) => id));
  const unsent = new Set(entries.flatMap(entry => (entry.kind === 'faulted' ? [entry.decision] : [])));
  const run: Told = {
    calls: [],
    servers: new Set(),
    proofs: [],
    lost: { actions: 0, arguments: 0, results: 0, people: 0 },
  };
  const first = entries.find(isToolCall)?.action.server ?? '';
  for (const entry of entries) {
    if (entry.kind === 'task.heard' && entry.counts) await hear(entry, bodyOf, run);
    if (entry.kind === 'decided')
      await call(entry, outcomes.get(entry.id), { bodyOf, run, toolset: first, unsent, own });
  }
  const left = leftOut(entries, opened, run);
  const task = opened?.task ?? taskOf(entries);
  const whole = { task, calls: run.calls.length, servers: run.servers, left };
  if (run.calls.length === 0) return { ...whole, line: undefined };
  const [decided] = entries.filter(entry => entry.kind === 'decided');
  const line = objectOf({
    id: task,
    agent: decided?.agent ?? '',
    ...proven(run.proofs[0]),
    principal: decided?.principal ?? '',
    ...(hasPrincipal(opened) ? {} : { ambient: true }),
    purpose: hasPrincipal(opened) ? await purposeOf(opened, bodyOf) : '',
    ...(hasPrincipal(opened) ? { manifest: manifestOf(opened), opening: openingOf(opened) } : {}),
    toolset: first,
    calls: { kind: 'array', items: run.calls },
    ...(left.length === 0 ? {} : { left: listOf(left) }),
  });
  return { ...whole, line: normalText(line) };
}

interface Told {
  readonly calls: JsonNode[];
  /** What proved the agent, one after the other. */
  readonly proofs: string[];
  readonly servers: Set<string>;
  readonly lost: { actions: number; arguments: number; results: number; people: number };
}

type DecidedEntry = Entry & Decided;
type ReadEntry = Extract<Entry, { kind: 'performed' | 'reported' }>;

/** What the agent read. What was kept from it never entered its task. */
function isRead(entry: Entry): entry is ReadEntry {
  return entry.kind === 'performed' || entry.kind === 'reported';
}

function isToolCall(entry: Entry): entry is DecidedEntry {
  return entry.kind === 'decided' && entry.action.method === 'tools/call';
}

/** Whoever opened it proved to be somebody else than the agent: the words and the manifest count. */
function hasPrincipal(opened: (TaskOpened & Written) | undefined): opened is TaskOpened & Written {
  return opened !== undefined && opened.taskKind !== 'ambient' && opened.opener !== 'claimed';
}

async function hear(entry: Entry, bodyOf: KeptBody, { calls, lost }: Told): Promise<void> {
  const words = parsed((await bodyOf(entry))?.words);
  if (words?.kind === 'string') calls.push(objectOf({ prompt: words.value }));
  else lost.arguments++;
}

interface Telling {
  readonly bodyOf: KeptBody;
  readonly run: Told;
  readonly toolset: string;
  /** What was permitted, and could not be done. */
  readonly unsent: ReadonlySet<string>;
  /** The entries of this task. */
  readonly own: ReadonlySet<string>;
}

async function call(entry: DecidedEntry, outcome: ReadEntry | undefined, telling: Telling): Promise<void> {
  const { calls, servers, proofs, lost } = telling.run;
  const { server, tool: name } = entry.action;
  if (!isToolCall(entry)) return void lost.actions++;
  const body = await telling.bodyOf(entry);
  const params = parsed(body?.arguments);
  if (params === undefined) return void lost.arguments++;
  const read = outcome === undefined ? undefined : resultOf(outcome, await telling.bodyOf(outcome));
  if (outcome !== undefined && read === undefined) lost.results++;
  // What another one's question held up was permitted as well.
  const isUnsent = entry.answer === 'permit' && (entry.verdict !== 'pass' || telling.unsent.has(entry.id));
  servers.add(server);
  const proof = stringMember(member(parsed(body?.request), 'agent'), 'proof');
  const isNewProof = proofs.length > 0 && proof !== proofs.at(-1);
  if (proof !== undefined) proofs.push(proof);
  calls.push(
    objectOf({
      name,
      ...(server === telling.toolset ? {} : { toolset: server }),
      ...(isNewProof ? proven(proof) : {}),
      args: member(params, 'arguments') ?? emptyObject,
      ...(entry.approval === undefined ? {} : { approved: true }),
      ...(isUnsent ? { sent: false } : {}),
      ...inheritedBy(outcome, telling),
      ...read,
    }),
  );
}

function proven(proof: string | undefined): Record<string, string> {
  return proof === undefined ? {} : { proof };
}

/** The labels that it has from what other tasks wrote there. Those of tenants and readers mean nothing outside their installation. */
function inheritedBy(outcome: ReadEntry | undefined, { own, run }: Telling): Record<string, JsonNode> {
  const inherited = outcome?.kind === 'performed' ? (outcome.inherited ?? []) : [];
  const foreign = inherited.filter(({ entry }) => !own.has(entry)).map(({ label }) => label);
  const plain = plainLabels.filter(label => foreign.includes(label));
  if (plain.length < new Set(foreign).size) run.lost.people++;
  return plain.length === 0 ? {} : { inherits: listOf(plain) };
}

/** As the agent read it: a single text is that text, all else the whole answer. What a server's error said is that. */
function resultOf({ outcome }: ReadEntry, body: Bodies | undefined): Record<string, JsonNode> | undefined {
  const result = parsed(body?.shown ?? body?.result);
  if (result?.kind !== 'object') return undefined;
  const content = member(result, 'content');
  const [only, second] = content?.kind === 'array' ? content.items : [];
  const text = second === undefined && stringMember(only, 'type') === 'text' ? member(only, 'text') : undefined;
  if (content !== undefined && (text === undefined || result.members.has('structuredContent')))
    return { answer: result };
  return { [outcome === 'ok' ? 'result' : 'error']: text ?? result };
}

async function purposeOf(opened: Entry, bodyOf: KeptBody): Promise<string> {
  const purpose = parsed((await bodyOf(opened))?.purpose);
  return purpose?.kind === 'string' ? purpose.value : '';
}

/** Of a kind that nobody named, and without a ceiling, there is nothing to say. */
function openingOf({ taskKind, opener, ceiling, segments }: TaskOpened): JsonObject {
  return objectOf({
    ...(reservedTaskKinds.includes(taskKind) ? {} : { kind: taskKind }),
    opener,
    ...(ceiling === undefined ? {} : { ceiling }),
    ...(segments === undefined ? {} : { segments: listOf(segments) }),
  });
}

function manifestOf({ manifest }: TaskOpened): JsonObject {
  const { tools, resources, destinations } = manifest;
  const stated = Object.entries({ tools, resources, destinations }).filter(([, names]) => names !== undefined);
  return objectOf(Object.fromEntries(stated.map(([part, names]) => [part, listOf(names ?? [])])));
}

/** What a replay cannot know, so that nobody takes its answer for the one of that day. */
function leftOut(entries: readonly Entry[], opened: TaskOpened | undefined, { lost }: Told): string[] {
  const has = (...kinds: Entry['kind'][]): boolean => entries.some(({ kind }) => kinds.includes(kind));
  return [
    lost.arguments > 0 && `${lost.arguments} calls or words are left out: they are not kept any more`,
    lost.results > 0 && `${lost.results} results are not kept any more`,
    lost.actions > 0 && `${lost.actions} actions are left out: they are no calls of a tool`,
    lost.people > 0 && `${lost.people} results had tenants or readers by what other tasks wrote there`,
    opened?.opener === 'claimed' && 'its opener was not proven: its words and its manifest are left out',
    (opened?.parent !== undefined || (opened?.labels.length ?? 0) > 0 || has('task.reached')) &&
      'it had labels of other tasks',
    opened?.parent !== undefined && 'the agents whose authority it had are left out',
    has('task.endorsed', 'task.declassified') && 'people or policies stood behind values, or lowered labels',
    has('task.narrowed') && 'its manifest was narrowed on the way',
    entries.some(entry => entry.kind === 'performed' && entry.hidden !== undefined) &&
      'values were kept from the agent, which sent handles',
    has('overruled') && 'its client performed what had been turned away',
  ].filter(text => text !== false);
}

function taskOf(entries: readonly Entry[]): string {
  const [entry] = entries.filter(each => 'task' in each);
  return entry !== undefined && 'task' in entry ? ((entry.task as EntryId | undefined) ?? '') : '';
}

/** Our own text of what others sent: it was read within narrower limits before. */
const bodyLimits: JsonLimits = {
  charsMax: 8 * 1024 * 1024,
  depthMax: 128,
  valuesMax: 1_000_000,
  numberCharsMax: 400,
  reservedMembers: 'keep',
  inexactNumbers: 'keep',
};

function parsed(text: string | undefined): JsonNode | undefined {
  const found = text === undefined ? undefined : parseJson(text, bodyLimits);
  return found?.ok === true ? found.node : undefined;
}

function objectOf(members: Readonly<Record<string, JsonNode | string | boolean>>): JsonObject {
  return { kind: 'object', members: new Map(Object.entries(members).map(([name, value]) => [name, nodeOf(value)])) };
}

function nodeOf(value: JsonNode | string | boolean): JsonNode {
  if (typeof value === 'string') return { kind: 'string', value };
  return typeof value === 'boolean' ? { kind: 'boolean', value } : value;
}

function listOf(texts: readonly string[]): JsonNode {
  return { kind: 'array', items: texts.map(nodeOf) };
}
