import { hash } from 'node:crypto';
import {
  type LogVerifier,
  readSignedHead,
  readVerifierKey,
  type SignedHead,
} from '../../journal/verify/signed-head.ts';
import { type LogEntry, misplacedInTree, readEntry } from './log-entry.ts';
import { type Members, membersOf } from './members.ts';
import { readHashes, readProofFile } from './proof-file.ts';
import { decisionIn, type RecordedDecision } from './recorded.ts';
import { type Bodies, type Repeated, repeated } from './repeat.ts';
import { readWorld, type ShownWorld } from './shown.ts';
import { readBody, type ShownBody } from './shown-body.ts';

/**
 * Checks a receipt with nothing but the log's public key: that the entry is in the signed tree, that what is shown is what
 * it commits to, and that Cedar, asked again with the facts shown, answers as the entry says. Shares no code with who
 * makes receipts; Cedar itself is the official engine.
 */

export type Checked =
  /** The file is not what it says it is. */
  | { readonly ok: false; readonly fault: string }
  | {
      readonly ok: true;
      readonly entry: LogEntry;
      readonly decision: RecordedDecision;
      /** Entries that were signed for, in all. */
      readonly size: number;
      readonly again: Repeated;
    };

/** Throws `RangeError` if `vkey` is no key: that is not the receipt's fault. */
export function checkReceipt(text: string, vkey: string): Checked {
  const log = readVerifierKey(vkey);
  try {
    const proven = readProven(text, log);
    if (typeof proven === 'string') return { ok: false, fault: proven };
    const { entry, extra, head } = proven;
    const world = worldOf(proven);
    if (typeof world === 'string') return { ok: false, fault: world };
    const bodies = bodiesOf(entry, extra.bodies);
    if (typeof bodies === 'string') return { ok: false, fault: bodies };
    const decision = decisionIn(entry);
    const again = repeated(decision, world, bodies);
    if (typeof again === 'string') return { ok: false, fault: again };
    return { ok: true, entry, decision, size: head.size, again };
  } catch {
    return { ok: false, fault: 'what it shows has an unknown form' };
  }
}

interface Proven {
  readonly entry: LogEntry;
  readonly extra: Members;
  readonly head: SignedHead;
}

function readProven(text: string, log: LogVerifier): Proven | string {
  const file = readProofFile(text);
  if (typeof file === 'string') return file;
  const head = readSignedHead(Buffer.from(file.checkpoint), log);
  if (typeof head === 'string') return head;
  const extra = membersOf(JSON.parse(file.extra.toString('utf8')));
  if (extra.v !== 1 && extra.v !== 2) return 'it is a receipt of a version that is not known here';
  const entry = entryAt(extra.entry, file.index, file.proof, head);
  if (typeof entry === 'string') return `the entry: ${entry}`;
  if (entry.kind !== 'decided') return 'the entry is not a decision';
  return { entry, extra, head };
}

/** The entry whose text is `text`, if it stands at `index` of the signed tree. */
function entryAt(
  text: unknown,
  index: unknown,
  proof: readonly Buffer[] | undefined,
  head: SignedHead,
): LogEntry | string {
  const read = readEntry(text);
  if (typeof read === 'string') return read;
  if (typeof index !== 'number' || proof === undefined) return 'its proof is missing or damaged';
  return misplacedInTree(read, index, proof, head) ?? read.entry;
}

/** The world that the decision names, if it is shown. */
function worldOf({ entry, extra, head }: Proven): ShownWorld | undefined | string {
  if (extra.world === undefined) return undefined;
  const { index, entry: text, proof } = membersOf(extra.world);
  const activated = entryAt(text, index, Array.isArray(proof) ? readHashes(proof) : undefined, head);
  if (typeof activated === 'string') return `the entry of its world: ${activated}`;
  if (
    activated.kind !== 'world.activated' ||
    activated.world !== entry.world ||
    Number(activated.seq) >= Number(entry.seq)
  )
    return 'the entry of its world does not bring into force what the decision names';
  const named = `sallyport world v1\n${String(activated.policies)}\n${String(activated.catalogue)}`;
  if (hash('sha256', named, 'base64url') !== entry.world) return 'the digest of the world is not that of its parts';
  if (extra.policies === undefined) return undefined;
  if (typeof activated.evidence !== 'string') return 'the entry of its world commits to no policies';
  return readWorld(extra.policies, extra.tools, String(entry.world), activated.evidence);
}

function bodiesOf({ commitments }: LogEntry, shown: unknown): Bodies | string {
  const bodies = membersOf(shown);
  const strange = Object.keys(bodies).find(name => name !== 'request' && name !== 'arguments');
  if (strange !== undefined) return 'it shows a body that decisions do not have';
  const committed = membersOf(commitments);
  const read = (name: string): ShownBody | undefined | string =>
    bodies[name] === undefined ? undefined : readBody(name, bodies[name], committed[name]);
  const [request, args] = [read('request'), read('arguments')];
  if (typeof request === 'string') return request;
  return typeof args === 'string' ? args : { request, arguments: args };
}
