import type { Action } from '../model/action.ts';
import type { Call } from '../model/call.ts';
import type { Verdict } from '../model/decision.ts';
import type { Bodies, Performed } from '../model/entry.ts';
import type { OutcomeId } from '../model/ids.ts';
import { normalText } from '../model/json.ts';
import { type Label, type LabelSource, sourcesOf } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import { handleOf } from '../provenance/handles/handle.ts';
import type { Held } from '../provenance/handles/held-values.ts';
import type { Hiding } from '../provenance/handles/hide.ts';
import { hideResult, hidingMethods } from '../provenance/handles/hide-result.ts';
import type { LinePorts, UpstreamReply } from './ports.ts';

/** What somebody of this integrity or of a worse one may have written is kept from the agent. */
export type HiddenFrom = Hiding['from'];

/**
 * What has to be kept back of an action's result: what a permit says (`handles=external`), and what comes back of values that
 * the agent has not seen. Refused where it cannot be: an advising door shows its agent results that never pass here, and of
 * other methods nothing can be taken apart.
 */
export function keepingBack(
  verdict: Verdict,
  putBack: readonly LabelSource[],
  { door, method }: Pick<Call, 'door' | 'method'>,
  { handles }: Pick<LinePorts, 'handles'>,
): { readonly verdict: Verdict; readonly hidden: HiddenFrom | undefined } {
  const nothing = { verdict, hidden: undefined };
  // Whoever is replayed has read it already.
  if (verdict.kind !== 'pass' || door === 'replay') return nothing;
  const demanded = verdict.obligations.filter(({ name }) => name === 'handles');
  if (putBack.length === 0 && demanded.length === 0) return nothing;
  const from = new Set(demanded.map(({ value }) => value));
  for (const { label } of putBack) if (label === 'untrusted' || label === 'org') from.add(label);
  if (from.size === 0) return nothing;
  const isMcp = door === 'mcp-http' || door === 'mcp-stdio';
  if (handles === undefined || !isMcp || !hidingMethods.has(method))
    return { verdict: { kind: 'refuse', code: 'obligation-unknown' }, hidden: undefined };
  return { verdict, hidden: from.has('org') ? 'org' : 'external' };
}

export interface KeptBack {
  /** What the agent is answered. */
  readonly reply: UpstreamReply;
  /** Of what it sees of it. */
  readonly labels: readonly Label[];
  readonly hidden?: NonNullable<Performed['hidden']>;
  readonly sources: readonly LabelSource[];
  /** What it sees, and which handle stands for what. */
  readonly bodies: Bodies;
}

/**
 * An answer as its agent may see it. What is kept can be given back from here on, in this run; once the outcome is recorded, in
 * any. `all`: the labels of the whole answer.
 */
export function keepBack(
  { action, task }: { readonly action: Action; readonly task: Task },
  {
    from,
    besides,
    all,
  }: { readonly from: HiddenFrom; readonly besides: readonly Label[]; readonly all: readonly Label[] },
  outcome: OutcomeId,
  reply: UpstreamReply,
  ports: LinePorts,
): KeptBack {
  if (reply.kind !== 'result') return { reply: wordless(reply), labels: [], sources: [], bodies: {} };
  const { server, tool, method, input } = action;
  const handle = (index: number): string => handleOf(task.id, outcome, index, ports.digest);
  const shown = hideResult(method, input, reply.result, { tool, from, besides, handle });
  if (!shown.ok)
    return { reply: { kind: 'unusable', why: shown.why, bytes: reply.bytes }, labels: [], sources: [], bodies: {} };
  const origin = { entry: outcome, server, tool: tool.name, at: ports.now() };
  const held: Held[] = shown.held.map(value => ({
    ...value,
    entry: outcome,
    sources: sourcesOf(value.labels, origin),
  }));
  ports.handles?.hold(task.id, held);
  return {
    reply: { kind: 'result', result: shown.result, bytes: reply.bytes },
    labels: shown.labels,
    hidden: { values: held.length, labels: all },
    sources: sourcesOf(all, origin),
    bodies: { shown: normalText(shown.result), handles: heldText(shown.held) },
  };
}

/** What is no result says something all the same: its kind is passed on, its words are not. */
function wordless(reply: Exclude<UpstreamReply, { kind: 'result' }>): UpstreamReply {
  switch (reply.kind) {
    case 'error':
      return {
        ...reply,
        error: { code: reply.error.code, message: 'the server answered with an error', data: undefined },
      };
    case 'unusable':
      return { ...reply, why: 'it could not be read, and its words are kept back' };
    case 'lost':
      return { ...reply, why: 'the server did not answer' };
  }
}

type Kept = Pick<Held, 'handle' | 'value' | 'path' | 'labels'>;

function heldText(held: readonly Kept[]): string {
  return JSON.stringify(held.map(({ handle, value, path, labels }) => ({ handle, value, path, labels })));
}

/** The same from the record, with its outcome. What the record does not keep, since it looked like a secret, names nothing. */
export function heldIn(text: string, outcome: OutcomeId, where: Omit<LabelSource, 'label' | 'entry'>): Held[] {
  const all = (JSON.parse(text) as Kept[]).filter(({ value }) => !value.includes('[redacted '));
  return all.map(kept => ({
    ...kept,
    entry: outcome,
    sources: kept.labels.map(label => ({ ...where, label, entry: outcome })),
  }));
}
