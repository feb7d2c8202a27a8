import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { PlacingJournal } from '@sallyport/core/mediate/ports.ts';
import type { Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { EntryId, Instant } from '@sallyport/core/model/ids.ts';
import { BatchFiles } from './batch-files.ts';
import { coversLog } from './covered.ts';
import { type OpenDurableFile, openDurableFile, writeFileDurably } from './durable.ts';
import { damaged, JournalFault } from './fault.ts';
import { type LogKey, openBodiesKey, openLogKey } from './keys.ts';
import { type Layout, layoutOf, makeDirs, requireKinds } from './layout.ts';
import { type Lock, lockJournal } from './lock.ts';
import type { StoredBody } from './packed-body.ts';
import { type Place, PlacedEntries } from './placed-entries.ts';
import { pruneBatches } from './prune.ts';
import { Publisher } from './publisher.ts';
import { type EntryList, findEntry, readEntry, readEntryLists } from './read.ts';
import { type Checked, type Recovery, recover } from './recover.ts';
import type { SnapshotOrder } from './settled-snapshot.ts';
import { type Folded, type Frontier, readSnapshot, type Snapshot, writeSnapshot } from './snapshot.ts';
import { StoredBodies } from './stored-bodies.ts';
import { TaskKeys } from './task-keys.ts';
import { type JournalLimits, JournalWriter, journalLimits, type Listener } from './writer.ts';

export interface JournalOptions {
  /** Made if missing, mode 0700. One journal, one writer. */
  readonly dir: string;
  readonly tenant: string;
  /** Together with the tenant the log's name; `[a-z0-9-]`. Neither ever changes for a journal. */
  readonly node: string;
  readonly now: () => Instant;
  /** Called once, when the disk refused: the process has to end, with this message and not with 0. */
  readonly onFailure: (error: JournalFault) => void;
  /** Names of arguments that the schema of the entry's tool marks as secret (`secretMembersOf`). */
  readonly secretMembers?: (draft: EntryDraft) => ReadonlySet<string>;
  /** Called with each entry as it takes its place, in order, before it is durable. Must not throw. */
  readonly onEntry?: (draft: EntryDraft, at: Instant) => void;
  readonly limits?: Partial<JournalLimits>;
  /** Names the code that folds entries: a snapshot that other code made is not used. Absent: none is used. */
  readonly foldedBy?: string;
  /** A journal of so few entries is read whole at each start, and has no snapshot. */
  readonly readWholeEntriesMax?: number;
  /** Told once a segment while a journal is checked. */
  readonly onChecked?: Checked;
  /** For tests: a disk that fails. */
  readonly openFile?: OpenDurableFile;
}

export interface OpenJournal {
  readonly journal: PlacingJournal;
  /** `sallyport/<tenant>/<node>`, the first line of every checkpoint. */
  readonly origin: string;
  /** C2SP verifier key. */
  readonly vkey: string;
  /** What to hand to `verifyJournal`, and to serve as a tlog-tiles prefix. Holds nothing secret. */
  readonly logDir: string;
  readonly recovery: Recovery;
  /** What the first `size` entries make, as it was folded and signed at an earlier stop, or by this run's order; read anew each time. */
  readonly folded: () => Folded | undefined;
  /** Entries that a snapshot can be made of while this journal is open: a start goes on from no more. */
  readonly settled: () => number;
  /** For `snapshotSettled`, of all that are settled; undefined where no snapshot is used. */
  readonly orderSnapshot: () => SnapshotOrder | undefined;
  readonly newest: () => Newest;
  readonly health: () => JournalHealth;
  /** Everything durable from entry `from` on, in lists, oldest first. The quick way to read it all. */
  readonly entryLists: (from?: number) => AsyncIterable<EntryList>;
  readonly entries: (from?: number) => AsyncIterable<Entry>;
  readonly entry: (seq: number) => Promise<Entry | undefined>;
  /** At once, for who knows where it lies. Throws if it is not there. */
  readonly entryAt: (place: Place) => Entry;
  /** The stored body of an entry, checked against its commitments. By id it has to search; by seq it does not. */
  readonly bodies: (which: number | EntryId) => Promise<StoredBody>;
  /** The same for many entries, oldest first: each file of bodies is read once, and the last of them kept as long as this is. */
  readonly bodiesInOrder: () => (seq: number) => Promise<StoredBody>;
  /**
   * Called with the entries of each durable batch, in order and at once; whoever reads them here finds them. A listener only takes
   * note. Returns how to stop it.
   */
  readonly subscribe: (listener: Listener) => () => void;
  /** Makes every stored body of the task unreadable, durably and for good; returns how many keys there were. */
  readonly eraseBodies: (task: string) => number;
  /** Removes what is kept of bodies older than `before`; the log stays whole. Returns how many files went. */
  readonly prune: (before: Instant) => Promise<number>;
  /** Resolves when everything appended so far is durable. */
  readonly flush: () => Promise<void>;
  /**
   * Writes what is queued, signs a last checkpoint, lets go of the directory. What `fold` says everything durable makes
   * goes into a signed snapshot, so that the next start need not read it all.
   */
  readonly close: (fold?: () => Promise<unknown>) => Promise<void>;
}

export interface Newest {
  /** Durable entries. */
  readonly size: number;
  /** The newest checkpoint, a C2SP signed note, and how many entries it covers. */
  readonly checkpoint: string;
  readonly checkpointSize: number;
  readonly checkpointAt: Instant;
}

export interface JournalHealth {
  readonly ok: boolean;
  /** How long the disk has been at the present batch. */
  readonly writingMillis: number;
  /** Entries of unproven callers that were counted and not written. */
  readonly rejectedDropped: number;
}

/** About 20 ms. */
const readWholeEntriesMax = 8_192;
const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Opens the journal in `dir`, or begins one. Throws `JournalFault` and changes nothing if it is not as it was left. */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  for (const name of [options.tenant, options.node])
    if (!namePattern.test(name)) throw new RangeError('tenant and node are of the form [a-z0-9-]{1,63}');
  const layout = layoutOf(options.dir);
  requireKinds(layout);
  makeDirs(layout);
  const lock = lockJournal(layout.lock);
  try {
    return await openLocked(options, layout, lock);
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

async function openLocked(options: JournalOptions, layout: Layout, lock: Lock): Promise<OpenJournal> {
  const key = await openLogKey(layout, `sallyport/${options.tenant}/${options.node}`);
  const bodiesKey = await openBodiesKey(layout);
  const snapshots = snapshotsOf(layout, key, options);
  const { recovery, segments, edge, settled, lastAt, ...found } = recover(
    layout,
    key,
    snapshots.read(),
    options.onChecked,
  );
  await writeFileDurably(layout.vkey, `${key.vkey}\n`, 0o644);
  const publisher = new Publisher(layout, key, segments, edge, settled);
  publisher.dropUnsettled();
  const published =
    found.note === undefined ? await publisher.publish(false) : { size: recovery.checkpointSize, note: found.note };
  // Behind the first checkpoint: a segment that there is without one is damage.
  segments.open();
  const openFile = options.openFile ?? openDurableFile;
  const keys = new TaskKeys(join(layout.keys, 'tasks'), bodiesKey, openFile);
  const writer = new JournalWriter(
    {
      tenant: options.tenant,
      node: options.node,
      now: options.now,
      onFailure: options.onFailure,
      secretMembers: options.secretMembers ?? (() => noMembers),
      onEntry: options.onEntry ?? (() => {}),
      limits: { ...journalLimits, ...options.limits },
      files: new BatchFiles(layout, found.lastBatchFile ?? recovery.size, openFile),
      keys,
      segments,
      edge,
      publisher,
      lastAt,
    },
    { ...published, at: Math.floor(statSync(layout.checkpoint).mtimeMs) },
  );
  const placed = new PlacedEntries(layout);
  /** Sizes of the snapshots that were held against a signed root: the one gone on from, and those ordered since. */
  const trusted = new Set(found.snapshot === undefined ? [] : [found.snapshot.frontier.size]);
  const closing = new AbortController();
  if (found.snapshot !== undefined)
    void coversLog(layout, found.snapshot.frontier, closing.signal).then(isWhole => {
      if (!isWhole) writer.fail(damaged(layout.entries, 0, alteredBefore));
    });
  return {
    journal: {
      record: (draft, bodies) => writer.record(draft, bodies),
      append: (draft, bodies) => writer.append(draft, bodies),
      place: (draft, bodies) => writer.place(draft, bodies),
    },
    origin: key.origin,
    vkey: key.vkey,
    logDir: layout.log,
    recovery,
    folded: () => foldedOf(snapshots.read(), trusted),
    settled: () => publisher.settled,
    orderSnapshot: () => {
      const { foldedBy } = options;
      if (foldedBy === undefined) return undefined;
      trusted.add(publisher.settled);
      return { dir: layout.dir, origin: key.origin, foldedBy, size: publisher.settled };
    },
    newest: () => newestOf(writer),
    health: () => ({
      ok: writer.isUp && writer.isSigning,
      writingMillis: writer.writingMillis(),
      rejectedDropped: writer.rejectedDropped,
    }),
    entryLists: (from = 0) => readEntryLists(layout, from, writer.readableSize()),
    entries: (from = 0) => each(readEntryLists(layout, from, writer.readableSize())),
    entry: async seq => (seq >= 0 && seq < writer.readableSize() ? await readEntry(layout, seq) : undefined),
    entryAt: place => {
      writer.settle();
      return placed.read(place);
    },
    bodies: which => bodiesOf(layout, which, writer, new StoredBodies(layout, keys)),
    bodiesInOrder: () => {
      const stored = new StoredBodies(layout, keys);
      return seq => bodiesOf(layout, seq, writer, stored);
    },
    subscribe: listener => writer.subscribe(listener),
    eraseBodies: task => keys.erase(task),
    prune: before => pruneBatches(layout, before, writer.published.size),
    flush: () => writer.flush(),
    close: async fold => {
      closing.abort();
      try {
        await writer.close(frontier => snapshots.write(frontier, fold));
      } finally {
        placed.close();
        lock.release();
      }
    },
  };
}

const alteredBefore = 'entries are not those for which the snapshot was signed, and nothing is performed any more';

const noMembers: ReadonlySet<string> = new Set();

/** Of the one that was gone on from, or one that this run ordered, and no other. */
function foldedOf(now: Snapshot | undefined, trusted: ReadonlySet<number>): Folded | undefined {
  if (now === undefined || !trusted.has(now.frontier.size)) return undefined;
  return { size: now.frontier.size, value: now.folded };
}

interface Snapshots {
  readonly read: () => Snapshot | undefined;
  readonly write: (frontier: Frontier, fold: (() => Promise<unknown>) | undefined) => Promise<void>;
}

/** Snapshots of a journal that is long enough for them, and whose entries somebody folds. */
function snapshotsOf(layout: Layout, key: LogKey, options: JournalOptions): Snapshots {
  const { foldedBy } = options;
  const isLong = ({ size }: Frontier): boolean => size > (options.readWholeEntriesMax ?? readWholeEntriesMax);
  return {
    read: () => {
      const found = foldedBy === undefined ? undefined : readSnapshot(layout, key, foldedBy);
      return found !== undefined && isLong(found.frontier) ? found : undefined;
    },
    write: async (frontier, fold) => {
      if (fold === undefined || foldedBy === undefined || !isLong(frontier)) return;
      // One that cannot be made costs the next start time, and nothing else.
      await fold()
        .then(folded => writeSnapshot(layout, key, foldedBy, { frontier, folded }))
        .catch(() => undefined);
    },
  };
}

function newestOf(writer: JournalWriter): Newest {
  const { note, size, at } = writer.published;
  return { size: writer.size, checkpoint: note, checkpointSize: size, checkpointAt: at };
}

async function bodiesOf(
  layout: Layout,
  which: number | EntryId,
  writer: JournalWriter,
  stored: StoredBodies,
): Promise<StoredBody> {
  const entry =
    typeof which === 'string'
      ? await findEntry(layout, which, writer.readableSize())
      : which < writer.readableSize()
        ? await readEntry(layout, which)
        : undefined;
  if (entry === undefined) throw new JournalFault('body-missing', 'there is no such entry');
  return stored.of(entry);
}

async function* each(lists: AsyncIterable<EntryList>): AsyncGenerator<Entry> {
  for await (const { entries } of lists) yield* entries;
}
