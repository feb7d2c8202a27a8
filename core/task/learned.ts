import type { Entry, Killed, TaskOpened } from '../model/entry.ts';
import type { AgentId, Instant, TaskId } from '../model/ids.ts';
import { vouched } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';

/** Tasks that count before anything is learned, and the days or principals (either will do) that they have to be spread over. */
const learnedTasksMin = 5;
const learnedSpreadMin = 3;
/** In how many of them, on other days or for other principals, a tool has to have been used: one task alone teaches nothing. */
const learnedToolTasksMin = 2;
/** Tasks that are looked at, the newest, and entries of one of them: of a longer task it is not known what it did. */
export const learnedFromMax = 50;
export const learnedEntriesMax = 1_000;

/** One task of a kind and an agent, as the record has it. */
export interface TaskHistory {
  readonly opened: Entry & TaskOpened;
  /** All entries that name the task, oldest first; at most `learnedEntriesMax`. */
  readonly entries: readonly Entry[];
  /** Stops that may have concerned it. */
  readonly stops: readonly (Entry & Killed)[];
}

export interface LearnedTool {
  readonly tool: string;
  readonly tasks: number;
  readonly days: number;
  readonly principals: number;
  /** Often enough to be expected. */
  readonly expected: boolean;
}

/** What tasks of one kind and agent did before, and why. */
export interface Learned {
  readonly agent: AgentId;
  /** True once there is enough to go by: `tools` that are expected are then what such a task is. */
  readonly ready: boolean;
  readonly tasks: number;
  readonly days: number;
  readonly principals: number;
  readonly tools: readonly LearnedTool[];
  readonly leftOut: readonly { readonly task: TaskId; readonly why: string }[];
}

/**
 * What tasks of a kind did before, where neither an opener nor the kind says what they do: the tools that ended tasks used and
 * nobody opposed. Deterministic, out of entries alone. Nothing is learned from a task that was stopped or refused something, that
 * was asked a question nobody said yes to, that read what anybody outside could have written, or that vouched for itself.
 */
export function learn(agent: AgentId, histories: readonly TaskHistory[]): Learned {
  const judged = histories.map(history => ({ history, why: unfit(history) }));
  const fit = judged.filter(({ why }) => why === undefined).map(({ history }) => history);
  const leftOut = judged.flatMap(({ history, why }) => (why === undefined ? [] : [{ task: history.opened.task, why }]));
  const used = new Map<string, TaskHistory[]>();
  for (const history of fit) for (const tool of toolsOf(history)) used.set(tool, [...(used.get(tool) ?? []), history]);
  const tools = [...used].map(([tool, by]) => ({
    tool,
    ...spreadOf(by),
    expected: isEnough(by, learnedToolTasksMin, 2),
  }));
  return {
    agent,
    ready: isEnough(fit, learnedTasksMin, learnedSpreadMin),
    ...spreadOf(fit),
    tools: tools.sort((a, b) => (a.tool < b.tool ? -1 : 1)),
    leftOut,
  };
}

/** The tools that a manifest would name; undefined where too little is known. */
export function expectedTools({ ready, tools }: Learned): readonly string[] | undefined {
  const expected = tools.filter(tool => tool.expected).map(({ tool }) => tool);
  return ready && expected.length > 0 ? expected : undefined;
}

function isEnough(by: readonly TaskHistory[], tasksMin: number, spreadMin: number): boolean {
  const { tasks, days, principals } = spreadOf(by);
  return tasks >= tasksMin && (days >= spreadMin || principals >= spreadMin);
}

function spreadOf(by: readonly TaskHistory[]): { tasks: number; days: number; principals: number } {
  const days = new Set(by.map(({ opened }) => dayOf(opened.at)));
  return { tasks: by.length, days: days.size, principals: new Set(by.map(({ opened }) => opened.principal)).size };
}

/** Days of UTC: a learner in another time zone learns the same. */
function dayOf(at: Instant): number {
  return Math.floor(at / 86_400_000);
}

/** Why nothing can be learned from it; undefined if something can. */
function unfit({ opened, entries, stops }: TaskHistory): string | undefined {
  if (!vouched(opened)) return 'its agent opened it by itself';
  if (entries.length >= learnedEntriesMax) return `it has more than ${learnedEntriesMax} entries`;
  const ended = entries.find(({ kind }) => kind === 'task.ended');
  if (ended === undefined) return 'it has not ended';
  if (stops.some(stop => stop.at >= opened.at && stop.at <= ended.at && concerns(stop, opened)))
    return 'it was stopped';
  if (opened.labels.some(({ label }) => label === 'untrusted')) return 'it began with what anybody could have written';
  const approved = new Set(
    entries.flatMap(entry => (entry.kind === 'decided' && entry.approval !== undefined ? [entry.action.digest] : [])),
  );
  for (const entry of entries) {
    if (entry.kind === 'task.suspended') return 'it was suspended';
    if (entry.kind === 'overruled') return 'its client did what it had been refused';
    if (entry.kind === 'decided' && entry.answer === 'deny') return 'something was denied to it';
    if (entry.kind === 'decided' && entry.answer === 'ask' && !approved.has(entry.action.digest))
      return 'it asked for something, and nobody said yes';
    if ('labels' in entry && entry.kind !== 'decided' && hasUntrusted(entry.labels))
      return 'it read what anybody could have written';
  }
  return undefined;
}

function hasUntrusted(labels: readonly unknown[]): boolean {
  return labels.includes('untrusted');
}

function concerns({ scope, stop }: Killed, { agent, task }: TaskOpened): boolean {
  if (!stop || scope.kind === 'server') return false;
  return scope.kind === 'all' || (scope.kind === 'agent' ? scope.agent === agent : scope.task === task);
}

function toolsOf({ entries }: TaskHistory): ReadonlySet<string> {
  const well = new Set(
    entries.flatMap(entry => (entry.kind === 'performed' && entry.outcome === 'ok' ? [entry.decision] : [])),
  );
  return new Set(
    entries.flatMap(entry =>
      entry.kind === 'decided' && well.has(entry.id) ? [toolKey(entry.action.server, entry.action.tool)] : [],
    ),
  );
}
