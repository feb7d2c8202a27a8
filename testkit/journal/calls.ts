import type { Decided, EntryDraft, Performed, TaskOpened } from '@sallyport/core/model/entry.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { createNewId } from '@sallyport/gateway/app/host/new-id.ts';
import { type JournalOptions, type OpenJournal, openJournal } from '@sallyport/gateway/journal/open-journal.ts';

/** Journals for tests: a clock that stands still unless told otherwise, and a failure that is never overlooked. */
export type JournalLife = Partial<Omit<JournalOptions, 'dir'>>;

export const newId = createNewId();

export function openTestJournal(dir: string, life: JournalLife = {}): Promise<OpenJournal> {
  return openJournal({
    dir,
    tenant: 'local',
    node: 'test',
    now: () => 1_800_000_000_000,
    onFailure: fault => {
      throw fault;
    },
    ...life,
  });
}

/** What the line writes for `calls` calls that are permitted and performed, after the opening of their task. */
export async function recordCalls(opened: OpenJournal, calls: number): Promise<TaskId> {
  const task = newId('t');
  await opened.journal.record(taskOpened(task), { purpose: '"read the plan"' });
  for (let call = 0; call < calls; call++) {
    const decision = decided(task);
    await opened.journal.record(decision, { arguments: `{"name":"read","arguments":{"page":${call}}}` });
    opened.journal.append(performed(decision), { result: `{"content":[{"type":"text","text":"page ${call}"}]}` });
  }
  await opened.flush();
  return task;
}

export function taskOpened(task: TaskId): TaskOpened {
  return {
    kind: 'task.opened',
    id: task,
    task,
    agent: 'reader',
    principal: 'user:emma',
    taskKind: 'opened',
    opener: 'operator',
    manifest: { tools: undefined },
    limits: { callsMax: 100, secondsMax: 600, bytesMax: 1_000_000 },
    labels: [],
  };
}

export function decided(task: TaskId, changes: Partial<Decided> = {}): Decided {
  return {
    kind: 'decided',
    id: newId('d'),
    task,
    agent: 'reader',
    principal: 'user:emma',
    world: 'w1',
    door: 'mcp-http',
    action: {
      method: 'tools/call',
      server: 'files',
      tool: 'read',
      pin: 'p1',
      classes: ['read'],
      digest: 'a1',
      bytes: 40,
    },
    mode: 'enforce',
    answer: 'permit',
    verdict: 'pass',
    reasons: [],
    labels: [],
    tookMicros: 100,
    ...changes,
  };
}

export function performed(decision: Decided): Performed {
  return {
    kind: 'performed',
    id: newId('o'),
    decision: decision.id,
    task: decision.task,
    outcome: 'ok',
    bytes: 40,
    tookMicros: 900,
    labels: [],
  };
}

export function rejected(what: string, agent?: string): EntryDraft & { readonly kind: 'rejected' } {
  const who = agent === undefined ? {} : { agent };
  return { kind: 'rejected', id: newId('e'), door: 'mcp-http', code: 'malformed', what, ...who };
}
