import { heldIn } from '@sallyport/core/mediate/keep-back.ts';
import { broughtBy } from '@sallyport/core/mediate/remember.ts';
import { type Action, type Addressed, type Digest, makeAction } from '@sallyport/core/model/action.ts';
import type { Decided, Entry, Performed } from '@sallyport/core/model/entry.ts';
import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, member, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { hasPrincipalsWords, type Task } from '@sallyport/core/model/task.ts';
import { type Catalogue, findTool } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import type { HeldValues } from '@sallyport/core/provenance/handles/held-values.ts';
import { type Looked, nothingLooked, type TaskMemories } from '@sallyport/core/provenance/memories.ts';
import { memoryLimits } from '@sallyport/core/provenance/memory/memory.ts';
import { noPurpose, readPurpose } from '@sallyport/core/purpose/read-purpose.ts';
import type { GatewayRecord } from './record.ts';

export interface RecallPorts {
  readonly record: Pick<GatewayRecord, 'asked' | 'page' | 'find' | 'bodies' | 'startedAt'>;
  readonly memories: Pick<TaskMemories, 'read' | 'misses'>;
  readonly handles: Pick<HeldValues, 'hold'>;
  readonly catalogue: () => Catalogue;
  readonly digest: Digest;
}

/**
 * What a task of an earlier run had read, from the record, before its first call of this one is decided: values are found
 * where they stood, what is labelled is found in what leaves, and handles name what they named. Bounded as memory is (`memoryLimits`), read once, and
 * nothing for a task of this run. What cannot be read any more (erased, of a tool that is gone) is found nowhere.
 */
export function createRecall(ports: RecallPorts): (task: Task) => Promise<void> | undefined {
  const recalled = new Map<TaskId, Promise<void>>();
  return task => {
    if (!isOfEarlierRun(task, ports.record.startedAt)) return undefined;
    const known = recalled.get(task.id);
    if (known !== undefined) return known;
    const started = recall(task, ports).catch(() => undefined);
    recalled.set(task.id, started);
    return started;
  };
}

function isOfEarlierRun({ openedAt, used }: Task, startedAt: Instant): boolean {
  return openedAt < startedAt && used.calls > 0;
}

async function recall(task: Task, ports: RecallPorts): Promise<void> {
  const query = { after: undefined, agent: undefined, tool: undefined, answer: undefined };
  const limit = memoryLimits.resultsMax;
  const page = await ports.record.page({ ...query, limit, kinds: ['performed', 'reported'], task: task.id });
  const purpose = hasPrincipalsWords(task) ? readPurpose(task.purpose) : noPurpose;
  const outcomes = page.entries.filter(isOutcome);
  const fitting = newestThatFit(outcomes);
  let read = 0;
  for (const outcome of fitting) {
    const decision = await ports.record.asked(() => ports.record.find(outcome.decision));
    if (decision.kind !== 'found' || decision.entry.kind !== 'decided') continue;
    const [asked, came] = await Promise.all([ports.record.bodies(decision.entry), ports.record.bodies(outcome)]);
    const action = actionOf(decision.entry, asked?.arguments, ports);
    const said = nodeOf(came?.result);
    if (action === undefined || said === undefined) continue;
    const looked = { ...nothingLooked, ...seenIn(asked?.request), purpose };
    read++;
    const where = { server: action.server, tool: action.tool.name, at: outcome.clock ?? outcome.at };
    ports.memories.read(task.id, { action, looked }, outcome.id, said, {
      chars: outcome.bytes,
      ...broughtBy(outcome.inherited ?? []),
      endorsed: task.endorsements.some(({ endorsed }) => endorsed.kind === 'outcome' && endorsed.entry === outcome.id),
      hidden: outcome.hidden?.labels.map(label => ({ ...where, label, entry: outcome.id })),
    });
    if (came?.handles !== undefined) ports.handles.hold(task.id, heldIn(came.handles, outcome.id, where));
  }
  if (read < outcomes.length || page.entries.length >= limit) ports.memories.misses(task.id);
}

function newestThatFit<T extends { readonly bytes: number }>(outcomes: readonly T[]): readonly T[] {
  let chars = 0;
  const first = outcomes.findLastIndex(({ bytes }) => {
    chars += bytes;
    return chars > memoryLimits.resultCharsMax;
  });
  return outcomes.slice(first + 1);
}

function isOutcome(entry: Entry): entry is Entry & Performed {
  return entry.kind === 'performed' || entry.kind === 'reported';
}

/** As it was sent then, of the tool as the catalogue labels it now. */
function actionOf({ action }: Decided, params: string | undefined, ports: RecallPorts): Action | undefined {
  const { server, tool: name, method } = action;
  const tool = findTool(ports.catalogue(), server, name);
  const whole = nodeOf(params);
  const input = method === 'tools/call' ? member(whole, 'arguments') : whole;
  if (tool === undefined || input?.kind !== 'object') return undefined;
  const call = { method, server, name, input } as Addressed;
  return { ...makeAction(call, tool, ports.digest), digest: action.digest };
}

/** What the decision saw of where its values came from, and of where it was: our own text. The ways say what led to its result. */
function seenIn(request: string | undefined): Pick<Looked, 'ways' | 'place'> {
  type Seen = { readonly flow?: { readonly ways?: readonly Way[]; readonly elsewhere?: boolean } };
  const { flow } = request === undefined ? ({} as Seen) : (JSON.parse(request) as Seen);
  return { ways: flow?.ways ?? [], place: { elsewhere: flow?.elsewhere === true, strayed: false } };
}

function nodeOf(text: string | undefined): JsonNode | undefined {
  const parsed = text === undefined ? undefined : parseJson(text, resultJsonLimits);
  return parsed?.ok === true ? parsed.node : undefined;
}
