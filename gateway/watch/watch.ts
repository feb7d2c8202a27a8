import { setTimeout } from 'node:timers/promises';
import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { type EndsWith, parseEndsWith } from '@sallyport/core/task/ends-with.ts';
import { WatchFault } from './ask.ts';
import type { WatchConfig } from './config.ts';
import { followRun } from './github-run.ts';
import { Holds } from './holds.ts';
import { objectFollower } from './kubernetes.ts';
import type { Looking } from './looking.ts';

export interface WatchPorts {
  readonly config: WatchConfig;
  readonly openTasks: () => readonly Task[];
  readonly end: (task: TaskId, by: Acted, why: string) => Promise<void>;
  readonly now: () => Instant;
  readonly log: (why: string, about: { readonly endsWith: string }) => void;
}

/** Notices that what tasks hang on outside has ended, and ends them; what is below them ends with them. */
export interface Watch {
  /** Why nobody here could notice the end of this; undefined: somebody can. */
  readonly unwatchable: (endsWith: EndsWith) => string | undefined;
  /** Whether a task whose opener's proof says that it runs there hangs on it without being told. */
  readonly binds: (endsWith: string) => boolean;
  readonly holds: Holds;
  /** A server, or its agent, has ended a task of the protocol, known to its agent by this id. */
  readonly mcpTaskEnded: (handle: string, status: string) => void;
  /** Begins to follow what new tasks hang on, and ends those of which nothing is known for too long. */
  readonly look: () => void;
  readonly close: () => void;
}

interface Followed {
  readonly stop: AbortController;
  seenAt: Instant;
}

const retryMillisMin = 1_000;
const retryMillisMax = 30_000;

export function createWatch(ports: WatchPorts): Watch {
  const { config, openTasks, end, now } = ports;
  const followed = new Map<string, Followed>();
  const bound = (text: string): readonly Task[] => openTasks().filter(task => task.endsWith === text);
  const endAll = (text: string, why: string): void => {
    for (const { id } of bound(text)) void end(id, byGateway, why).catch(() => undefined);
  };
  const holds = new Holds({ now, end: (task, why) => void end(task, byGateway, why).catch(() => undefined) });

  function unwatchable(endsWith: EndsWith): string | undefined {
    const cluster = endsWith.kind === 'job' || endsWith.kind === 'pod';
    if (cluster && config.kubernetes === undefined) return '`watch.kubernetes` is not configured';
    if (endsWith.kind === 'run' && config.github === undefined) return '`watch.github` is not configured';
    return undefined;
  }

  function binds(text: string): boolean {
    const endsWith = parseEndsWith(text);
    if (endsWith?.kind === 'pod') return config.kubernetes?.bind ?? false;
    return endsWith?.kind === 'run' && (config.github?.bind ?? false);
  }

  function follower(text: string): ((looking: Looking) => Promise<void>) | undefined {
    const endsWith = parseEndsWith(text);
    const { kubernetes, github } = config;
    if ((endsWith?.kind === 'job' || endsWith?.kind === 'pod') && kubernetes !== undefined)
      return objectFollower(kubernetes, endsWith);
    if (endsWith?.kind === 'run' && github !== undefined) return looking => followRun(github, endsWith, looking);
    return undefined;
  }

  /** Begins again after a fault, ever more slowly, until it has ended or nobody cares any more. */
  async function follow(text: string, follows: (looking: Looking) => Promise<void>, state: Followed): Promise<void> {
    const { signal } = state.stop;
    const ended = (why: string): void => {
      endAll(text, why);
      state.stop.abort();
    };
    const seen = (): void => {
      state.seenAt = now();
    };
    for (let wait = retryMillisMin; !signal.aborted; wait = Math.min(retryMillisMax, wait * 2)) {
      const before = state.seenAt;
      try {
        await follows({ seen, ended, signal });
      } catch (thrown) {
        if (signal.aborted) return;
        ports.log(thrown instanceof WatchFault ? thrown.message : 'it could not be looked at', { endsWith: text });
      }
      if (state.seenAt !== before) wait = retryMillisMin;
      await setTimeout(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  function look(): void {
    const tasks = openTasks().filter(({ endsWith }) => endsWith !== undefined);
    const wanted = new Set(tasks.map(({ endsWith = '' }) => endsWith));
    for (const [text, { stop }] of followed) {
      if (wanted.has(text)) continue;
      stop.abort();
      followed.delete(text);
    }
    for (const text of wanted) {
      const follows = followed.has(text) ? undefined : follower(text);
      if (follows === undefined) continue;
      const state = { stop: new AbortController(), seenAt: now() };
      followed.set(text, state);
      void follow(text, follows, state);
    }
    for (const [text, { seenAt, stop }] of followed)
      if (!stop.signal.aborted && now() - seenAt > config.unknownSecondsMax * 1000)
        endAll(text, `nobody could say for ${config.unknownSecondsMax} s whether what it hangs on is still there`);
    holds.look(tasks.filter(({ endsWith }) => endsWith === 'connection'));
  }

  return {
    unwatchable,
    binds,
    holds,
    mcpTaskEnded: (handle, status) => endAll(`mcp-task:${handle}`, `the server’s task has ended: ${status}`),
    look,
    close: () => {
      for (const { stop } of followed.values()) stop.abort();
      holds.close();
    },
  };
}
