import { join } from 'node:path';
import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { Answered, Bodies, Entry } from '@sallyport/core/model/entry.ts';
import type { Instant, NewId, TaskId } from '@sallyport/core/model/ids.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { EntriesPage, EntriesQuery } from '../api/views.ts';
import { JournalFault } from '../journal/fault.ts';
import { type OpenJournal, openJournal } from '../journal/open-journal.ts';
import { rebuildState } from '../tasks/rebuild.ts';
import type { WhyPorts } from './why.ts';

export interface RecordPorts {
  readonly stateDir: string;
  readonly tenant: string;
  readonly version: string;
  readonly now: () => Instant;
  readonly newId: NewId;
  readonly onFailure: (why: string) => void;
}

/** The journal, its index, and what the journal says is true. */
export interface GatewayRecord extends Pick<WhyPorts, 'find' | 'following' | 'answerTo' | 'bodies'> {
  readonly journal: Journal;
  readonly log: OpenJournal;
  readonly state: State;
  readonly startedAt: Instant;
  readonly page: (query: EntriesQuery) => Promise<EntriesPage>;
  readonly follow: (query: EntriesQuery, signal: AbortSignal) => AsyncIterable<Entry>;
  /** The words a task was opened with; undefined where they were erased. */
  readonly purposeOf: (task: TaskId) => Promise<string | undefined>;
  /** Why no call can be taken; undefined while the journal is well. */
  readonly unready: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** Opens the journal, rebuilds from it what was true, and writes down that a new run begins. */
export async function openRecord(ports: RecordPorts): Promise<GatewayRecord> {
  const { stateDir, tenant, now, newId } = ports;
  let failure: string | undefined;
  const log = await openJournal({
    dir: join(stateDir, 'journal'),
    tenant,
    node: 'local',
    now,
    onFailure: error => {
      failure = error.message;
      ports.onFailure(error.message);
    },
  });
  const all: Entry[] = [];
  const purposeOf = async (task: TaskId): Promise<string | undefined> => {
    const entry = all.find(each => each.id === task);
    const text = entry === undefined ? undefined : (await bodiesOf(entry, log))?.purpose;
    return text === undefined ? undefined : (JSON.parse(text) as string);
  };
  for await (const entries of log.entryLists()) all.push(...entries);
  const { state, unresolved } = await rebuildState([all], now(), purposeOf);
  log.subscribe(entries => all.push(...entries));
  await log.journal.record({ kind: 'started', id: newId('e'), version: ports.version, unresolved });
  return {
    journal: log.journal,
    log,
    state,
    startedAt: now(),
    find: id => {
      const found = all.filter(entry => entry.id.startsWith(id));
      const [entry] = found;
      return entry === undefined ? { kind: 'none' } : found.length > 1 ? { kind: 'many' } : { kind: 'found', entry };
    },
    following: decision => all.filter(entry => 'decision' in entry && entry.decision === decision),
    answerTo: approval =>
      all.find((entry): entry is Entry & Answered => entry.kind === 'answered' && entry.approval === approval),
    bodies: entry => bodiesOf(entry, log),
    purposeOf,
    page: async query => ({ entries: all.slice(-query.limit), newest: all.length - 1 }),
    follow: async function* () {},
    unready: () => failure ?? (log.health().ok ? undefined : 'the journal does not keep up'),
    close: () => log.close(),
  };
}

async function bodiesOf(entry: Entry, log: OpenJournal): Promise<Bodies | undefined> {
  try {
    const { fields } = await log.bodies(entry.seq);
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.text]));
  } catch (thrown) {
    if (thrown instanceof JournalFault && ['body-missing', 'body-erased'].includes(thrown.code)) return undefined;
    throw thrown;
  }
}
