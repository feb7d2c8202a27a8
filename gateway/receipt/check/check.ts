import { hash } from 'node:crypto';
import { type EntryValue, readCanonicalEntry } from '../../journal/verify/canonical-entry.ts';
import { hashOfEntry } from '../../journal/verify/merkle-stack.ts';
import {
  type LogVerifier,
  readSignedHead,
  readVerifierKey,
  type SignedHead,
} from '../../journal/verify/signed-head.ts';
import { type Again, type AgainReason, decideAgain, readPolicies } from './decide-again.ts';
import { type Facts, factsOf, lookedAt, missingFor } from './facts.ts';
import { rootOver } from './inclusion.ts';
import { looksOf } from './looks-at.ts';
import { couldApply } from './other-scopes.ts';
import { readHashes, readProofFile } from './proof-file.ts';
import { readBody, readWorld, type ShownBody, type ShownTool, type ShownWorld } from './shown.ts';

/**
 * Checks a receipt with nothing but the log's public key: that the entry is in the signed tree, that what is shown is what
 * it commits to, and that Cedar, asked again with the facts shown, answers as the entry says. Shares no code with who
 * makes receipts; Cedar itself is the official engine.
 */

export type Checked =
  /** The file is not what it says it is. */
  | { readonly ok: false; readonly fault: string }
  | { readonly ok: true; readonly entry: ReceiptEntry; readonly size: number; readonly again: Repeated };

export type ReceiptEntry = Readonly<Record<string, EntryValue>>;

export type Repeated =
  /** Cedar gives the same answer with the same reasons. */
  | {
      readonly kind: 'same';
      readonly policies: number;
      readonly policiesInAll: number;
      readonly looked: readonly string[];
    }
  /** It does not. */
  | { readonly kind: 'other'; readonly again: Again }
  /** It could not be asked; `missing` names facts that would have to be shown. */
  | { readonly kind: 'not-asked'; readonly why: string; readonly missing: readonly string[] };

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
    const again = repeated(entry, world, bodies);
    return typeof again === 'string' ? { ok: false, fault: again } : { ok: true, entry, size: head.size, again };
  } catch {
    return { ok: false, fault: 'what it shows has an unknown form' };
  }
}

interface Proven {
  readonly entry: ReceiptEntry;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly head: SignedHead;
}

function readProven(text: string, log: LogVerifier): Proven | string {
  const file = readProofFile(text);
  if (typeof file === 'string') return file;
  const head = readSignedHead(Buffer.from(file.checkpoint), log);
  if (typeof head === 'string') return head;
  const extra = JSON.parse(file.extra.toString('utf8')) as Readonly<Record<string, unknown>>;
  if (extra.v !== 1) return 'it is a receipt of a version that is not known here';
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
): ReceiptEntry | string {
  const bytes = Buffer.from(String(text), 'utf8');
  const read = readCanonicalEntry(bytes);
  if (!read.ok) return `it is not written as entries are (${read.what})`;
  if (typeof index !== 'number' || proof === undefined) return 'its proof is missing or damaged';
  if (rootOver(hashOfEntry(bytes), index, head.size, proof) !== head.root)
    return 'it is not in the tree that was signed';
  if (read.entry.seq !== index) return 'it says another place in the log than the proof';
  if (`sallyport/${read.entry.tenant}/${read.entry.node}` !== head.origin) return 'it is of another log';
  return read.entry;
}

/** The world that the decision names, if it is shown. */
function worldOf({ entry, extra, head }: Proven): ShownWorld | undefined | string {
  if (extra.world === undefined) return undefined;
  const { index, entry: text, proof } = extra.world as Readonly<Record<string, unknown>>;
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

interface Bodies {
  readonly request: ShownBody | undefined;
  readonly arguments: ShownBody | undefined;
}

function bodiesOf({ commitments }: ReceiptEntry, shown: unknown): Bodies | string {
  const bodies = (shown ?? {}) as Readonly<Record<string, unknown>>;
  const strange = Object.keys(bodies).find(name => name !== 'request' && name !== 'arguments');
  if (strange !== undefined) return 'it shows a body that decisions do not have';
  const committed = (commitments ?? {}) as Readonly<Record<string, unknown>>;
  const read = (name: string): ShownBody | undefined | string =>
    bodies[name] === undefined ? undefined : readBody(name, bodies[name], committed[name]);
  const [request, args] = [read('request'), read('arguments')];
  if (typeof request === 'string') return request;
  return typeof args === 'string' ? args : { request, arguments: args };
}

/** Rules of the gateway's own: they look at what happens at the same moment, which no policy sees. */
const noPolicys: ReadonlySet<string> = new Set([
  'policy-error',
  'approval-used',
  'segment-taken',
  'too-many-wait',
  'builds-on-a-refusal',
  'unseen-value-decides',
  'asked-by-less',
  'gateways-own-files',
]);

/** A string is a fault of the file: it shows less than it has to. */
function repeated(entry: ReceiptEntry, world: ShownWorld | undefined, bodies: Bodies): Repeated | string {
  if (world === undefined) return notAsked('the policies that were in force are not in it');
  const action = entry.action as Readonly<Record<string, unknown>>;
  const tool = world.tools.find(({ server, name }) => server === action.server && name === action.tool);
  if (tool === undefined) return 'the tool that was called is not shown';
  if (tool.pin !== action.pin || tool.classes.join() !== String(action.classes))
    return 'the tool shown is not the one that was called';
  if (world.otherScopes.some(scope => couldApply(scope, tool))) return 'a policy that could have applied is not shown';
  const reasons = entry.reasons as unknown as readonly AgainReason[];
  if (reasons.some(({ rule }) => rule === 'quarantined')) return quarantined(tool, world);
  const fault = reasons.find(({ rule }) => noPolicys.has(rule));
  if (fault !== undefined) return notAsked(`it was refused for a reason that no policy gives (${fault.rule})`);
  if (action.method === undefined || tool.context === null) return notAsked('the type of its arguments is not in it');
  return asked(entry, world, tool, factsOf(bodies.request, bodies.arguments, String(action.method)));
}

function asked(entry: ReceiptEntry, world: ShownWorld, tool: ShownTool, facts: Facts): Repeated | string {
  const agent = facts.gathered.get('agent') as { id?: unknown } | undefined;
  if (agent !== undefined && agent.id !== entry.agent) return 'the agent shown is not the one of the entry';
  const policies = readPolicies(world.policies);
  const looks = policies.flatMap(({ json }) => looksOf(json.conditions.map(({ body }) => body)));
  const missing = missingFor(looks, facts);
  if (missing.length > 0) return notAsked('facts that its policies look at are not shown', missing);
  if (holdsMarker(looks, facts))
    return notAsked('a fact that its policies look at was a secret, and is not in the record');
  const again = decideAgain({ policies, facts: lookedAt(looks, facts), tool, approved: entry.approval !== undefined });
  const same =
    again.answer === entry.answer &&
    JSON.stringify(again.reasons.map(ordered)) ===
      JSON.stringify((entry.reasons as unknown as readonly AgainReason[]).map(ordered));
  if (!same) return { kind: 'other', again };
  const looked = [...new Set(looks.map(path => path.join('.')))].sort();
  return { kind: 'same', policies: policies.length, policiesInAll: world.policiesInAll, looked };
}

function quarantined({ status }: ShownTool, { policies, policiesInAll }: ShownWorld): Repeated {
  if (status === 'quarantined') return { kind: 'same', policies: policies.length, policiesInAll, looked: [] };
  return { kind: 'other', again: { answer: 'permit', reasons: [] } };
}

function ordered({ rule, text, fix }: AgainReason): readonly unknown[] {
  return [rule, text, fix ?? null];
}

function notAsked(why: string, missing: readonly string[] = []): Repeated {
  return { kind: 'not-asked', why, missing };
}

function holdsMarker(looks: readonly (readonly string[])[], facts: Facts): boolean {
  const looked = looks
    .filter(([kind]) => kind === 'input')
    .map(([, first]) => (first === undefined ? facts.input : facts.input[first]));
  return looked.some(value => JSON.stringify(value)?.includes('[redacted ') ?? false);
}
