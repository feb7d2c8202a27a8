import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { matches, placedAction, placedTool } from '../engines/cedar/scope.ts';
import { JournalFault } from '../journal/fault.ts';
import { type Layout, layoutOf } from '../journal/layout.ts';
import { type OpenedParts, openedParts } from '../journal/opened-body.ts';
import { type Evidence, openEvidence, type PolicyEvidence, readEvidence, type ToolEvidence } from './evidence.ts';
import { neededBy, stepsOf, type Wanted, wantedOf } from './fields.ts';
import { publishedProof } from './inclusion.ts';
import {
  type DecidedEntry,
  type Found,
  findDecisions,
  findWorld,
  type Head,
  newestHead,
  readBodyOf,
  segmentsOf,
} from './look-up.ts';
import { ReceiptError } from './receipt-error.ts';

export interface ReceiptOrder {
  readonly stateDir: string;
  /** A decision, or the beginning of its id. */
  readonly id: string;
  /** Names of what to show (fields.ts); none for a receipt that shows nothing but the entry and the policies. */
  readonly fields: readonly string[];
}

export interface Receipt {
  readonly decision: DecidedEntry;
  /** A C2SP tlog-proof (docs/formats/receipt.md). */
  readonly text: string;
  /** What is shown, and what the policies look at. */
  readonly shown: readonly string[];
  readonly hidden: readonly string[];
  readonly needed: readonly string[];
  /** Why it cannot be decided again with it, where that is known. */
  readonly notes: readonly string[];
}

/** Makes the receipt of one decision out of the state directory, beside a running gateway or without one. */
export async function makeReceipt({ stateDir, id, fields }: ReceiptOrder): Promise<Receipt> {
  const layout = layoutOf(join(stateDir, 'journal'));
  const { found, head } = await decisionOf(layout, id);
  const { entry } = found;
  const notes: string[] = [];
  const world = await findWorld(layout, entry.world, entry.seq);
  const evidence =
    world?.entry.evidence === undefined ? undefined : readEvidence(join(stateDir, 'worlds'), entry.world);
  const usable = evidence !== undefined && openEvidence(evidence).root === world?.entry.evidence ? evidence : undefined;
  if (usable === undefined)
    notes.push('what the world consisted of was not kept for this decision: it cannot be decided again from a receipt');
  const slice = usable === undefined ? [] : sliceOf(usable, entry);
  const needed = neededBy(slice);
  const opened = fields.length === 0 ? undefined : await openedFor(layout, entry, notes);
  const bodies = opened === undefined ? {} : shownBodies(entry, opened, wantedOf(fields, needed), fields);
  const extra = {
    v: Object.values(bodies).some(shown => 'paths' in shown) ? 2 : 1,
    entry: found.bytes.toString('utf8'),
    ...(world === undefined ? {} : { world: proven(layout, world, head) }),
    ...(usable === undefined ? {} : shownEvidence(usable, slice, entry)),
    ...(Object.keys(bodies).length === 0 ? {} : { bodies }),
  };
  const text = proofText(JSON.stringify(extra), entry.seq, publishedProof(layout.log, entry.seq, head.size), head.note);
  const names = namesIn(entry, opened ?? {}, bodies);
  const isAlone = opened !== undefined && ![...names.shown, ...names.hidden].includes('actors');
  return { decision: entry, text, ...names, needed: needed.filter(name => !isAlone || name !== 'actors'), notes };
}

const signedWithinMillis = 3_000;
const lookMillis = 100;

/** The decision, and a signed head that covers it: the gateway signs about once a second. */
async function decisionOf(layout: Layout, id: string): Promise<{ found: Found<DecidedEntry>; head: Head }> {
  if (!/^d_[0-9a-z]{1,26}$/.test(id)) throw unknownId(id);
  for (let waited = 0; ; waited += lookMillis) {
    const head = newestHead(layout);
    const [found, other] = await findDecisions(layout, segmentsOf(head), id);
    if (other !== undefined)
      throw new ReceiptError('ambiguous', `several decisions begin with ${id}`, 'Give more of the id.');
    if (found !== undefined && head !== undefined && found.entry.seq < head.size) return { found, head };
    if (found === undefined && waited > 0) throw unknownId(id);
    if (waited >= signedWithinMillis)
      throw new ReceiptError(
        'not-signed-yet',
        `${id} is not under a signed checkpoint yet`,
        'Start the gateway, which signs.',
      );
    await pause(lookMillis);
  }
}

function unknownId(id: string): ReceiptError {
  return new ReceiptError(
    'not-found',
    `there is no decision ${id}`,
    'Ids of decisions begin with d_; see: sallyport tail',
  );
}

/** By the tool alone: which agent it was may not be shown, and one policy too many changes no answer. */
function sliceOf({ policies, tools }: Evidence, { action }: DecidedEntry): readonly PolicyEvidence[] {
  const tool = tools.find(({ server, name }) => server === action.server && name === action.tool);
  if (tool === undefined) return [];
  const [act, resource] = [placedAction(tool), placedTool(tool)];
  return policies.filter(({ scope }) => matches(scope.action, act) && matches(scope.resource, resource));
}

type OpenedBodies = Readonly<Record<string, OpenedParts>>;

/** What of it can be shown part by part: what an obligation or a handle made of the arguments cannot. */
async function openedFor(layout: Layout, entry: DecidedEntry, notes: string[]): Promise<OpenedBodies | undefined> {
  try {
    const { fields } = await readBodyOf(layout, entry);
    const opened: Record<string, OpenedParts> = {};
    for (const [name, field] of Object.entries(fields)) {
      const parts = openedParts(name, field, entry.commitments?.[name]);
      if (parts !== undefined) opened[name] = parts;
    }
    if (Object.keys(opened).length === 0)
      notes.push('nothing can be shown of it: an earlier version committed to its facts as a whole');
    return opened;
  } catch (thrown) {
    if (!(thrown instanceof JournalFault)) throw thrown;
    notes.push(`nothing can be shown of it: ${thrown.message}`);
    return undefined;
  }
}

type ShownPart = string | { readonly path?: string; readonly salt: string; readonly value: string };
/** Without `paths` as earlier versions committed to it: the parts alone. */
type ShownBody = readonly ShownPart[] | { readonly paths: string; readonly parts: readonly ShownPart[] };
type ShownBodies = Readonly<Record<string, ShownBody>>;

function shownBodies(entry: DecidedEntry, opened: OpenedBodies, wanted: Wanted, names: readonly string[]): ShownBodies {
  const bodies: Record<string, ShownBody> = {};
  const known = new Set<string>(['needed', 'all', 'arguments']);
  for (const [name, { paths, parts }] of Object.entries(opened)) {
    const placed = parts.map(part => ({ part, steps: stepsOf(name, part, entry.action.method) }));
    for (const { steps } of placed) if (steps !== undefined) known.add(steps.join('.'));
    // The list of paths says what is not there, so it goes along; of the arguments, only where one of them is shown.
    const some =
      name === 'request' || placed.some(({ steps }) => steps !== undefined && wanted(steps)) || wanted([name]);
    const shown = placed.map(({ part: { path, salt, value, hash }, steps }) => {
      if (!(steps === undefined ? some : wanted(steps))) return hash;
      return paths === undefined ? { path, salt, value } : { salt, value };
    });
    if (paths === undefined) bodies[name] = shown;
    else if (some) bodies[name] = { paths, parts: shown };
  }
  const strange = names.find(name => !known.has(name) && ![...known].some(own => own.startsWith(`${name}.`)));
  if (strange !== undefined)
    throw new ReceiptError(
      'field-unknown',
      `this decision has no field ${strange}`,
      `It has: ${[...known].sort().join(', ')}.`,
    );
  return bodies;
}

function namesIn(entry: DecidedEntry, opened: OpenedBodies, bodies: ShownBodies): Pick<Receipt, 'shown' | 'hidden'> {
  const [shown, hidden]: [string[], string[]] = [[], []];
  for (const [name, { parts }] of Object.entries(opened)) {
    const body = bodies[name];
    const shownParts = body !== undefined && 'paths' in body ? body.parts : body;
    for (const [at, part] of parts.entries()) {
      const own = stepsOf(name, part, entry.action.method)?.join('.');
      if (own !== undefined) (typeof shownParts?.[at] === 'object' ? shown : hidden).push(own);
    }
  }
  return { shown, hidden };
}

function proven(layout: Layout, { entry, bytes }: Found, head: Head): object {
  return { index: entry.seq, entry: bytes.toString('utf8'), proof: publishedProof(layout.log, entry.seq, head.size) };
}

function shownEvidence(evidence: Evidence, slice: readonly PolicyEvidence[], { action }: DecidedEntry): object {
  const { policies, tools } = openEvidence(evidence);
  const isCalled = ({ server, name }: ToolEvidence): boolean => server === action.server && name === action.tool;
  return {
    policies: policies.map(({ scope, scopeSalt, text, textSalt, textHash }, at) =>
      slice.includes(evidence.policies[at] as PolicyEvidence)
        ? { scope, scopeSalt, text, textSalt }
        : { scope, scopeSalt, textHash },
    ),
    tools: tools.map(({ text, salt, hash }, at) =>
      isCalled(evidence.tools[at] as ToolEvidence) ? { text, salt } : hash,
    ),
  };
}

/** C2SP tlog-proof: extra data, index, the path to the root, and the checkpoint as it was signed. */
function proofText(extra: string, index: number, proof: readonly string[], note: string): string {
  const lines = [
    'c2sp.org/tlog-proof@v1',
    `extra ${Buffer.from(extra).toString('base64')}`,
    `index ${index}`,
    ...proof,
  ];
  return `${lines.join('\n')}\n\n${note}`;
}
