import { readSignedHead, readVerifierKey, type SignedHead, signatureFault } from '../../journal/verify/signed-head.ts';
import { type LogEntry, misplacedInTree, readEntry } from './log-entry.ts';
import { type Members, membersOf } from './members.ts';
import { readHashes } from './proof-file.ts';

/** What an export of a task turned out to be. */
export type TaskChecked =
  | {
      readonly ok: true;
      readonly task: string;
      readonly entries: readonly LogEntry[];
      /** Entries that were signed for, in all. */
      readonly size: number;
      readonly origin: string;
      /** Decisions whose outcome is not in the file: they ran when it was made, or the gateway died over them. */
      readonly open: readonly string[];
    }
  /** `entry` names the one that does not hold: its place in the log and, where it can be read, its kind and id. */
  | { readonly ok: false; readonly fault: string; readonly entry?: string };

const taskFileHead = 'dev.sallyport/task@v2';
const entriesMax = 1_000_000;

/** Whether it says that it is one, in the version that is checked here: what is anything else was not altered. */
export function isTaskExport(text: string): boolean {
  return text.startsWith(`${taskFileHead}\n`) || text.startsWith(`${taskFileHead}\r\n`);
}

/**
 * Checks an export of a task with nothing but the log's public key: that every entry stands in the signed tree where it says, is of this
 * task, and belongs to one before it where it has to; and that there are as many as the log's key says that the tree holds of the task.
 * Shares no code with who makes exports. That the key told the truth when it counted cannot be seen from the file. Throws `RangeError`
 * if `vkey` is no key.
 */
export function checkTaskExport(text: string, vkey: string): TaskChecked {
  const log = readVerifierKey(vkey);
  const [statement = '', signatures = '', entries, ...checkpoint] = text.split('\n\n');
  if (!isTaskExport(text)) return fault('this is no export of a task');
  if (!statement.startsWith(`${taskFileHead}\n`) || entries === undefined)
    return fault('a part is missing: it was cut off, or its line ends were changed');
  const wrong = signatureFault(signatures.split('\n'), Buffer.from(`${statement}\n`), log, 'head');
  if (wrong !== undefined) return fault(wrong);
  const head = readSignedHead(Buffer.from(checkpoint.join('\n\n')), log);
  if (typeof head === 'string') return fault(head);
  const [, origin, of = '', counted = '', root = ''] = statement.split('\n');
  const task = /^task (t_[0-9a-z]{26})$/.exec(of)?.[1];
  const [, count, size] = /^entries ([1-9][0-9]{0,6}) of ([1-9][0-9]{0,15})$/.exec(counted) ?? [];
  if (task === undefined || Number(count) > entriesMax) return fault('its head is damaged');
  if (origin !== head.origin || Number(size) !== head.size || Buffer.from(root, 'base64').toString('hex') !== head.root)
    return fault('its head was signed for another checkpoint than it holds');
  const lines = entries.split('\n');
  if (lines.length !== Number(count))
    return fault(`the log signed that the task has ${count} entries, and ${lines.length} are there`);
  return checkEntries(task, lines, head);
}

function checkEntries(task: string, lines: readonly string[], head: SignedHead): TaskChecked {
  const entries: LogEntry[] = [];
  const before: Before = { open: new Set(), asked: new Set(), outcomes: new Set() };
  for (const line of lines) {
    const proven = provenEntry(line, head);
    if ('fault' in proven) return fault(proven.fault, proven.name);
    const { entry, name } = proven;
    const wrong = misplaced(entry, entries.at(-1), task) ?? unrelated(entry, before);
    if (wrong !== undefined) return fault(wrong, name);
    entries.push(entry);
  }
  return { ok: true, task, entries, size: head.size, origin: head.origin, open: [...before.open] };
}

type Proven = { readonly entry: LogEntry; readonly name: string } | { readonly fault: string; readonly name: string };

function provenEntry(line: string, head: SignedHead): Proven {
  const { index, entry: text, proof } = parsed(line);
  const place = Number.isSafeInteger(index) ? `entry ${String(index)}` : 'an entry';
  if (typeof index !== 'number' || typeof text !== 'string') return { fault: 'its line is damaged', name: place };
  const read = readEntry(text);
  if (typeof read === 'string') return { fault: read, name: place };
  const { entry } = read;
  const name = `${place} (${String(entry.kind)} ${String(entry.id)})`;
  const path = Array.isArray(proof) ? readHashes(proof) : undefined;
  if (path === undefined) return { fault: 'its proof is missing or damaged', name };
  const fault = misplacedInTree(read, index, path, head);
  return fault === undefined ? { entry, name } : { fault, name };
}

function parsed(line: string): Members {
  try {
    return membersOf(JSON.parse(line));
  } catch {
    return membersOf(undefined);
  }
}

function misplaced(entry: LogEntry, before: LogEntry | undefined, task: string): string | undefined {
  if ((entry.kind === 'killed' ? membersOf(entry.scope).task : entry.task) !== task) return 'it is of another task';
  if (before === undefined)
    return entry.kind === 'task.opened' ? undefined : 'the opening of the task should stand here';
  return Number(before.seq) < Number(entry.seq) ? undefined : 'it does not come after the one that stands before it';
}

const outcomes = new Set(['performed', 'reported', 'refused', 'withheld', 'faulted', 'indeterminate']);

/** By their ids, what later entries can belong to. */
interface Before {
  readonly open: Set<string>;
  readonly asked: Set<string>;
  readonly outcomes: Set<string>;
}

/**
 * An outcome and a question belong to a decision of the file, an answer to a question of it, what a policy vouched for to an outcome of
 * it: what they belong to was left out.
 */
function unrelated(entry: LogEntry, { open, asked, outcomes: brought }: Before): string | undefined {
  const { id, decision, approval } = entry;
  switch (entry.kind) {
    case 'decided':
      open.add(String(id));
      return undefined;
    case 'asked':
      asked.add(String(id));
      return open.has(String(decision)) ? undefined : 'the decision that it asks about is missing, or was over before';
    case 'seconded':
      return asked.has(String(approval)) ? undefined : 'the question that it answers is missing';
    case 'answered':
      return asked.delete(String(approval))
        ? undefined
        : 'the question that it answers is missing, or was answered before';
    case 'task.endorsed':
    case 'task.declassified': {
      const { entry: outcome } = membersOf(entry.endorsed ?? entry.what);
      if (entry.proof !== 'policy' || brought.has(String(outcome))) return undefined;
      return 'the outcome that a policy vouched for is missing';
    }
    default:
      if (!outcomes.has(String(entry.kind))) return undefined;
      brought.add(String(id));
      return open.delete(String(decision))
        ? undefined
        : 'the decision that it belongs to is missing, or has an outcome already';
  }
}

function fault(text: string, entry?: string): TaskChecked {
  return { ok: false, fault: text, ...(entry === undefined ? {} : { entry }) };
}
