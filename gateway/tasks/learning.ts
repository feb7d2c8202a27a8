import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Entry, Killed, TaskOpened } from '@sallyport/core/model/entry.ts';
import type { AgentId } from '@sallyport/core/model/ids.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import {
  expectedTools,
  type Learned,
  learn,
  learnedEntriesMax,
  learnedFromMax,
  type TaskHistory,
} from '@sallyport/core/task/learned.ts';
import type { EntriesPage } from '../api/view/entries.ts';

/** Openings of one agent that are looked through for tasks of one kind, and stops that may have concerned them. */
const openingsMax = 500;
const stopsMax = 500;

export interface Learning {
  /** What tasks of this kind did before, of each agent that worked on one; of one agent where it is named. */
  readonly learned: (kind: TaskKindRule, agent?: AgentId) => Promise<readonly Learned[]>;
  /** The tools of a manifest for the next one; undefined where the kind does not learn, or too little is known. */
  readonly tools: (kind: TaskKindRule, agent: AgentId) => Promise<readonly string[] | undefined>;
}

/** Reads what was learned out of the record whenever it is asked for: there is nothing else to keep, to trust or to reset. */
export function createLearning(page: (query: EntriesQuery) => Promise<EntriesPage>): Learning {
  const entriesOf = async (query: Partial<EntriesQuery>): Promise<readonly Entry[]> => {
    const all = { after: undefined, kinds: undefined, agent: undefined, task: undefined, tool: undefined };
    return (await page({ ...all, answer: undefined, limit: learnedEntriesMax, ...query })).entries;
  };

  const learned: Learning['learned'] = async (kind, agent) => {
    const opened = await entriesOf({ kinds: ['task.opened'], agent, limit: openingsMax });
    const ofKind = opened.filter(
      (entry): entry is Entry & TaskOpened =>
        entry.kind === 'task.opened' && entry.taskKind === kind.name && entry.at >= (kind.learn?.since ?? 0),
    );
    const newest = ofKind.slice(-learnedFromMax);
    const stops = (await entriesOf({ kinds: ['killed'], limit: stopsMax })).filter(
      (entry): entry is Entry & Killed => entry.kind === 'killed',
    );
    const histories: TaskHistory[] = [];
    for (const one of newest) histories.push({ opened: one, entries: await entriesOf({ task: one.task }), stops });
    const byAgent = Map.groupBy(histories, history => history.opened.agent);
    return [...byAgent].map(([id, own]) => learn(id, own));
  };

  return {
    learned,
    tools: async (kind, agent) => {
      if (kind.learn === undefined || kind.manifest.tools !== undefined) return undefined;
      const [own] = await learned(kind, agent);
      return own === undefined ? undefined : expectedTools(own);
    },
  };
}
