import { join } from 'node:path';
import { type Behaviour, emptyBehaviour } from '@sallyport/core/behaviour/behaviour.ts';
import { applyBehaviour } from '@sallyport/core/behaviour/fold.ts';
import { secretMembersOf } from '@sallyport/core/journal/redact.ts';
import type { PlacingJournal } from '@sallyport/core/mediate/ports.ts';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Bodies, Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import { isKnownEntry } from '@sallyport/core/model/entry-kinds.ts';
import type { Instant, NewId, TaskId } from '@sallyport/core/model/ids.ts';
import type { JsonNode } from '@sallyport/core/model/json.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { EntriesPage } from '../../api/view/entries.ts';
import { JournalFault } from '../../journal/fault.ts';
import { type OpenJournal, openJournal } from '../../journal/open-journal.ts';
import type { StoredBody } from '../../journal/packed-body.ts';
import type { EntryList } from '../../journal/read.ts';
import { EntryIndex } from '../../stores/index/entry-index.ts';
import { rebuildState } from '../../tasks/rebuild.ts';
import { StartError } from '../host/start-error.ts';
import type { WhyPorts } from '../views/why.ts';
import { keepSnapshots, type SnapshotPace } from './fold-apart.ts';
import { type FoldedEntries, foldBeside, foldedBefore, foldWhole } from './folded.ts';
import { foldingCode } from './folding-code.ts';
import { requireRecord, shortened } from './lost-record.ts';

export interface RecordPorts {
  readonly stateDir: string;
  readonly tenant: string;
  readonly version: string;
  readonly now: () => Instant;
  readonly newId: NewId;
  /** The schema of a tool, to know which of its arguments it marks as secret. */
  readonly schemaOf: (server: string, tool: string) => JsonNode | undefined;
  readonly onFailure: (why: string) => void;
  readonly notice: (line: string) => void;
  /** What a long start is at, and how far. */
  readonly onProgress?: (text: string) => void;
  /** For tests: as of the journal, and as `noticedEntries`. */
  readonly readWholeEntriesMax?: number;
  readonly noticedEntries?: number;
  readonly snapshotPace?: SnapshotPace;
}

/** The journal, its index, and what the journal says is true. */
export interface GatewayRecord extends Pick<WhyPorts, 'find' | 'following' | 'answerTo' | 'bodies'> {
  readonly journal: PlacingJournal;
  readonly log: OpenJournal;
  readonly state: State;
  /** How agents usually behave, as of the newest entry. */
  readonly behaviour: Behaviour;
  readonly startedAt: Instant;
  /**
   * What `ask` answers, which asks the members around this one. An index that is not as it was written is made again from the
   * journal: they throw meanwhile, and this waits and asks again.
   */
  readonly asked: <T>(ask: () => T | Promise<T>) => Promise<T>;
  readonly page: (query: EntriesQuery) => Promise<EntriesPage>;
  readonly follow: (query: EntriesQuery, signal: AbortSignal) => AsyncIterable<Entry>;
  /** The words a task was opened with; undefined where they were erased. */
  readonly purposeOf: (task: TaskId) => Promise<string | undefined>;
  /** How much of a long journal is filed, from 0 to 1; undefined where whoever asks need not wait. */
  readonly filing: () => number | undefined;
  /** Why no call can be taken; undefined while the journal is well. */
  readonly unready: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** Checking, folding or filing so many takes a quarter of a second: of longer work an operator is told. */
const noticedEntries = 50_000;

/** Opens the journal, rebuilds from it what was true, and writes down that a new run begins. */
export async function openRecord(ports: RecordPorts): Promise<GatewayRecord> {
  const { stateDir, tenant, now, newId, onProgress: progress } = ports;
  const long = ports.noticedEntries ?? noticedEntries;
  await using opened = new AsyncDisposableStack();
  let failure: string | undefined;
  let behaviour = emptyBehaviour();
  requireRecord(stateDir);
  const log = opened.adopt(
    await openJournal({
      dir: join(stateDir, 'journal'),
      tenant,
      node: 'local',
      now,
      secretMembers: secretMembers(ports.schemaOf),
      onEntry: (draft, at) => applyBehaviour(behaviour, draft, at),
      foldedBy: foldingCode(),
      onChecked: (done, all) => progress?.(progressText('Checking', done, all)),
      ...(ports.readWholeEntriesMax === undefined ? {} : { readWholeEntriesMax: ports.readWholeEntriesMax }),
      onFailure: error => {
        failure = error.message;
        ports.onFailure(error.message);
      },
    }),
    journal => journal.close(),
  );
  if (log.recovery.cutBytes > 0) ports.notice(cutText(log.recovery.cutBytes));
  const index = opened.adopt(new EntryIndex(join(stateDir, 'index.sqlite'), log, ports.notice), it => it.close());
  const { size } = log.newest();
  if (index.appliedSeq >= size) throw shortened(stateDir, size, index.appliedSeq + 1);
  if (index.appliedSeq >= 0 && !index.agreesWith(await log.entry(index.appliedSeq))) index.clear();
  const purposeOf = async (task: TaskId): Promise<string | undefined> => {
    const found = await index.asked(() => index.find(task));
    return found.kind === 'found' ? purposeIn(await textsOf(log.bodies(found.entry.seq))) : undefined;
  };
  const folded = foldedBefore(log.folded());
  behaviour = folded.behaviour;
  const filed = index.appliedSeq + 1;
  // What is folded is filed on the way; what would only be filed is no reason to wait.
  const isFiledLater = Math.min(folded.size, size) - filed > long;
  if (isFiledLater) {
    ports.notice(
      `filing ${size - filed} entries of the journal in index.sqlite; whoever looks something up waits for it`,
    );
    index.fileLater();
  }
  const first = isFiledLater ? folded.size : Math.min(folded.size, filed);
  let told = first;
  const lists = passing(log.entryLists(first), index, folded, seq => {
    if (seq - told < long) return;
    told = seq;
    progress?.(progressText('Reading', seq - first, size - first));
  });
  const { state, unresolved } = await rebuildState(lists, now(), purposesIn(log, folded), folded.state);
  log.subscribe(batch => index.add(batch));
  await log.journal.record({ kind: 'started', id: newId('e'), version: ports.version, unresolved });
  const stopSnapshots = keepSnapshots(log, folded.size, ports.snapshotPace);
  // From here on `close` gives them back: the index takes the last entries of the journal, and goes after it.
  opened.move();
  return {
    journal: log.journal,
    log,
    state,
    behaviour,
    startedAt: now(),
    find: id => index.find(id),
    following: decision => index.following(decision),
    answerTo: approval => index.answerTo(approval),
    bodies: entry => textsOf(log.bodies(entry.seq)),
    purposeOf,
    asked: ask => index.asked(ask),
    page: query => index.asked(() => ({ entries: index.page(query), newest: log.newest().size - 1 })),
    follow: (query, signal) => index.follow(query, signal),
    filing: () => index.filing(log.newest().size),
    unready: () => failure ?? (log.health().ok ? undefined : 'the journal does not keep up'),
    close: async () => {
      await stopSnapshots();
      await log.close(() => foldWhole(log));
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

/** The index takes the entries that it does not have, behaviour is what new ones make of it, and these go on. */
async function* passing(
  lists: AsyncIterable<EntryList>,
  index: EntryIndex,
  folded: FoldedEntries,
  onRead: (size: number) => void,
): AsyncGenerator<readonly Entry[]> {
  for await (const list of lists) {
    index.catchUp(list);
    const fresh = list.entries.filter(({ seq }) => seq >= folded.size);
    for (const entry of fresh) {
      if (!isKnownEntry(entry)) throw unknownEntry(entry);
      foldBeside(folded, entry);
    }
    yield fresh;
    onRead(list.firstSeq + list.entries.length);
  }
}

function unknownEntry({ seq, kind }: Entry): StartError {
  return new StartError(
    `entry ${seq} of the journal (${JSON.stringify(kind)}) was written by a newer Sallyport: without it what was stopped or ` +
      'narrowed could be allowed again. Start that version; this one works on a state directory of its own (--state DIR)',
  );
}

function progressText(what: string, done: number, all: number): string {
  return `${what} the journal: ${done} of ${all} entries`;
}

/** It is what a crash leaves of what nobody was told of; only who knows the disk can tell it from damage (decision 0007). */
function cutText(bytes: number): string {
  return `${bytes} bytes at the end of the journal were no whole batch when the last run stopped, and were cut off`;
}

function purposeIn(bodies: Bodies | undefined): string | undefined {
  return bodies?.purpose === undefined ? undefined : (JSON.parse(bodies.purpose) as string);
}

/**
 * The words that tasks were opened with, for whoever asks for those of all, one after the other. What this keeps of a file of bodies
 * must go when it does: it is made here, where nothing that lives as long as the record sees it.
 */
function purposesIn(log: OpenJournal, { openings }: FoldedEntries): (task: TaskId) => Promise<string | undefined> {
  const bodies = log.bodiesInOrder();
  return async task => {
    const opening = openings.get(task);
    return opening === undefined ? undefined : purposeIn(await textsOf(bodies(opening)));
  };
}

/** Undefined where they were erased or pruned. */
async function textsOf(stored: Promise<StoredBody>): Promise<Bodies | undefined> {
  try {
    const { fields } = await stored;
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.text]));
  } catch (thrown) {
    if (thrown instanceof JournalFault && ['body-missing', 'body-erased'].includes(thrown.code)) return undefined;
    throw thrown;
  }
}
