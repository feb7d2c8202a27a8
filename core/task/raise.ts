import type { TaskId } from '../model/ids.ts';
import { joinedSources, type LabelSource, labelsIn } from '../model/label.ts';
import { withBrought } from './declassify.ts';
import { lineage } from './lineage.ts';
import { pairsOf, type State } from './state.ts';

/**
 * Labels only grow. Whether a call carries the token of a task is the agent's own choice, so its ambient task and the tasks
 * that it was given do not wash each other, also those for somebody else than it works for without a token: what reaches it in
 * one of them, also after that one ended, raises the ambient task of now, and what reaches it in an ambient task raises all that
 * are open. What a child has read may reach whoever delegated to it in ways that are not seen here: all above is raised with it.
 */
export function raiseTask(state: State, id: TaskId, sources: readonly LabelSource[]): void {
  spread(state, id, sources, { apart: true, knows: nobody, news: sources, seen: new Set() });
}

/**
 * What `from` has read, and what else it says, comes to the task `id` with its opening or with a message to it: it is read
 * there as anything else is. Whoever knows what `from` knows, those above it and their ambient tasks, hears only what is new
 * to that one, so that what a person lowered there stays lowered.
 */
export function reachTask(state: State, id: TaskId, from: TaskId, sources: readonly LabelSource[]): void {
  const known = state.tasks.get(from)?.task.labels;
  const news = known === undefined ? sources : sources.filter(({ label }) => !known.has(label));
  const above = lineage(state, from).flatMap(task => [task.id, ...pairsOf(task).map(pair => state.ambient.get(pair))]);
  spread(state, id, sources, { apart: false, knows: new Set(above), news, seen: new Set() });
}

interface Spreading {
  /** False where the sources stand for others as well. */
  readonly apart: boolean;
  /** Whoever is raised by `news` alone. */
  readonly knows: ReadonlySet<TaskId | undefined>;
  readonly news: readonly LabelSource[];
  /** Agents may have handed on to each other. */
  readonly seen: Set<TaskId>;
}

const nobody: ReadonlySet<TaskId> = new Set();

function spread(state: State, id: TaskId, sources: readonly LabelSource[], how: Spreading): void {
  const task = state.tasks.get(id)?.task;
  const heard = how.knows.has(id) ? how.news : sources;
  if (task === undefined || heard.length === 0 || how.seen.has(id)) return;
  how.seen.add(id);
  raiseOne(state, id, heard, how.apart);
  for (const pair of pairsOf(task)) {
    const ambient = state.ambient.get(pair);
    if (ambient !== undefined && ambient !== id)
      raiseOne(state, ambient, how.knows.has(ambient) ? how.news : heard, how.apart);
    const given = task.kind === 'ambient' ? state.given.get(pair) : undefined;
    if (given !== undefined) for (const open of given) spread(state, open, heard, how);
  }
  if (task.parent !== undefined) spread(state, task.parent, heard, how);
}

/** This one, and no other. */
export function raiseOne(state: State, id: TaskId, sources: readonly LabelSource[], apart: boolean): void {
  const record = state.tasks.get(id);
  if (record === undefined) return;
  const task = withBrought(record.task, sources, apart);
  const all = joinedSources(withTimesOf(task.sources, sources), sources);
  if (all !== task.sources)
    state.tasks.set(id, { ...record, task: { ...task, labels: new Set(labelsIn(all)), sources: all } });
  else if (task !== record.task) state.tasks.set(id, { ...record, task });
}

/** What an upstream says is heard before its outcome has a place in the record, and a time there. The same list if nothing changes. */
function withTimesOf(known: readonly LabelSource[], told: readonly LabelSource[]): readonly LabelSource[] {
  const later = ({ entry, at }: LabelSource) => told.find(source => source.entry === entry && source.at !== at);
  if (!known.some(later)) return known;
  return known.map(source => ({ ...source, at: later(source)?.at ?? source.at }));
}
