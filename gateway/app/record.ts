import { join } from 'node:path';
import { type Behaviour, emptyBehaviour } from '@sallyport/core/behaviour/behaviour.ts';
import { applyBehaviour } from '@sallyport/core/behaviour/fold.ts';
import { secretMembersOf } from '@sallyport/core/journal/redact.ts';
import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { Bodies, Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { Instant, NewId, TaskId } from '@sallyport/core/model/ids.ts';
import type { JsonNode } from '@sallyport/core/model/json.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { EntriesPage, EntriesQuery } from '../api/view/entries.ts';
import { JournalFault } from '../journal/fault.ts';
import { type OpenJournal, openJournal } from '../journal/open-journal.ts';
import { EntryIndex } from '../stores/index/entry-index.ts';
import { rebuildState } from '../tasks/rebuild.ts';
import type { WhyPorts } from './why.ts';

export interface RecordPorts {
  readonly stateDir: string;
  readonly tenant: string;
  readonly version: string;
  readonly now: () => Instant;
  readonly newId: NewId;
  /** The schema of a tool, to know which of its arguments it marks as secret. */
  readonly schemaOf: (server: string, tool: string) => JsonNode | undefined;
  readonly onFailure: (why: string) => void;
}

/** The journal, its index, and what the journal says is true. */
export interface GatewayRecord extends Pick<WhyPorts, 'find' | 'following' | 'answerTo' | 'bodies'> {
  readonly journal: Journal;
  readonly log: OpenJournal;
  readonly state: State;
  /** How agents usually behave, as of the newest entry. */
  readonly behaviour: Behaviour;
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
  const behaviour = emptyBehaviour();
  const log = await openJournal({
    dir: join(stateDir, 'journal'),
    tenant,
    node: 'local',
    now,
    secretMembers: secretMembers(ports.schemaOf),
    onEntry: (draft, at) => applyBehaviour(behaviour, draft, at),
    onFailure: error => {
      failure = error.message;
      ports.onFailure(error.message);
    },
  });
  const index = new EntryIndex(join(stateDir, 'index.sqlite'));
  if (index.appliedSeq >= 0 && !index.agreesWith(await log.entry(index.appliedSeq))) index.clear();
  const purposeOf = async (task: TaskId): Promise<string | undefined> => {
    const found = index.find(task);
    const text = found.kind === 'found' ? (await bodiesOf(found.entry, log))?.purpose : undefined;
    return text === undefined ? undefined : (JSON.parse(text) as string);
  };
  const { state, unresolved } = await rebuildState(passing(log.entryLists(), index, behaviour), now(), purposeOf);
  log.subscribe(frames => index.add(frames));
  await log.journal.record({ kind: 'started', id: newId('e'), version: ports.version, unresolved });
  return {
    journal: log.journal,
    log,
    state,
    behaviour,
    startedAt: now(),
    find: id => index.find(id),
    following: decision => index.following(decision),
    answerTo: approval => index.answerTo(approval),
    bodies: entry => bodiesOf(entry, log),
    purposeOf,
    page: async query => ({ entries: index.page(query), newest: log.newest().size - 1 }),
    follow: (query, signal) => index.follow(query, signal),
    unready: () => failure ?? (log.health().ok ? undefined : 'the journal does not keep up'),
    close: async () => {
      await log.close();
      index.close();
    },
  };
}

/** What a schema marks as secret is looked for once for each schema there is. */
function secretMembers(schemaOf: RecordPorts['schemaOf']): (draft: EntryDraft) => ReadonlySet<string> {
  const known = new WeakMap<JsonNode, ReadonlySet<string>>();
  return draft => {
    const schema = draft.kind === 'decided' ? schemaOf(draft.action.server, draft.action.tool) : undefined;
    if (schema === undefined) return nothing;
    const members = known.get(schema) ?? secretMembersOf(schema);
    known.set(schema, members);
    return members;
  };
}

const nothing: ReadonlySet<string> = new Set();

/** Lets the journal's entries through; the index takes those that it does not have, and behaviour is what they make of it. */
async function* passing(
  lists: AsyncIterable<readonly Entry[]>,
  index: EntryIndex,
  behaviour: Behaviour,
): AsyncGenerator<readonly Entry[]> {
  for await (const entries of lists) {
    index.catchUp(entries);
    for (const entry of entries) applyBehaviour(behaviour, entry, entry.at);
    yield entries;
  }
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
