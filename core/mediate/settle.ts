import type { Bodies, EntryDraft, Performed, Reported } from '../model/entry.ts';
import type { Instant } from '../model/ids.ts';
import { member, normalText } from '../model/json.ts';
import type { LabelSource } from '../model/label.ts';
import type { Refusal } from '../model/refusal.ts';
import { toolKey } from '../model/tool.ts';
import { sendersOf } from '../provenance/labels/result-labels.ts';
import type { Growing, Judged } from './decided.ts';
import { withFix } from './fixes.ts';
import type { KeptBack } from './keep-back.ts';
import { type Loosening, loosen } from './loosen.ts';
import type { LinePorts, UpstreamReply } from './ports.ts';
import { priceOf } from './price.ts';
import type { Reply } from './reply.ts';

/** What came of an action: what goes on to its agent, and what is recorded of it. */
export interface Answered extends Pick<Performed, 'id' | 'labels' | 'bytes' | 'tookMicros'> {
  /** What came, without what had to be taken out of it. */
  readonly reply: UpstreamReply;
  /** What is passed on of it, where values are kept back. */
  readonly kept: KeptBack | undefined;
  readonly loosening: Loosening;
  /** Where it is not what was set aside. */
  readonly spendCents: number | undefined;
  readonly inherited: readonly LabelSource[];
  readonly redacted: Performed['redacted'] | undefined;
  /** Told the time of its entry. */
  readonly placed: (at: Instant) => void;
}

/** Step 12: records the outcome, which joins the next durable batch, and answers the agent. */
export function settle(judged: Judged, answered: Answered, ports: LinePorts): Reply {
  const { reply: came, kept, loosening } = answered;
  const reply = kept?.reply ?? came;
  const record = (draft: EntryDraft, bodies?: Bodies): void => answered.placed(ports.journal.append(draft, bodies));
  switch (reply.kind) {
    case 'result': {
      const failed = member(reply.result, 'isError');
      const outcome = failed?.kind === 'boolean' && failed.value ? 'tool-error' : 'ok';
      const recorded = came.kind === 'result' ? came.result : reply.result;
      const text = normalText(recorded);
      const senders = came.kind === 'result' ? sendersOf(judged.action.tool, came.result) : [];
      const entry = performedEntry(judged, answered, outcome);
      record(entry, resultBodies(text, senders, kept));
      // What a tool says of its failure is laid out as it likes, and what a client reports may be anything.
      if (outcome === 'ok' && entry.kind === 'performed') loosen(loosening, judged.task, answered.id, ports);
      const cost = priceOf(judged.request, answered.labels, judged.task, ports.world());
      const answer: Growing<Extract<Reply, { kind: 'result' }>> = { kind: 'result', result: reply.result };
      if (recorded === reply.result) answer.text = text;
      if (cost.length > 0) answer.cost = cost;
      return answer;
    }
    case 'error': {
      const { code, message } = came.kind === 'error' ? came.error : reply.error;
      const result = JSON.stringify({ code, message });
      record(performedEntry(judged, answered, 'protocol-error'), { result });
      return { kind: 'error', error: reply.error };
    }
    case 'unusable':
      record({ kind: 'withheld', ...baseOf(judged, answered), why: reply.why });
      return {
        kind: 'refusal',
        refusal: after(judged, 'withheld', `the server answered, and the answer was kept back: ${reply.why}`),
      };
    case 'lost':
      record({ kind: 'indeterminate', ...baseOf(judged, answered), code: reply.code, why: reply.why });
      // It is no fault alone: what the server said meanwhile reached the agent.
      if (!reply.sent) return { kind: 'refusal', refusal: after(judged, reply.code, `it was not sent: ${reply.why}`) };
      return {
        kind: 'refusal',
        refusal: after(judged, 'indeterminate', `it was sent and its effect is not known: ${reply.why}`),
      };
  }
}

function baseOf({ id: decision, task }: Judged, { id, labels, bytes, spendCents }: Answered) {
  const base = { id, decision, task: task.id, labels, bytes };
  return spendCents === undefined ? base : { ...base, spendCents };
}

function performedEntry(
  { id: decision, task, door }: Judged,
  { id, labels, bytes, tookMicros, spendCents, inherited, redacted, kept }: Answered,
  outcome: Performed['outcome'],
): Performed | Reported {
  // What a client performs by itself nobody here has seen.
  const kind = door === 'hook' ? 'reported' : 'performed';
  const entry: Growing<Omit<Performed, 'kind'>> & { readonly kind: typeof kind } = {
    kind,
    id,
    decision,
    task: task.id,
    outcome,
    labels,
    bytes,
    tookMicros,
  };
  if (spendCents !== undefined) entry.spendCents = spendCents;
  if (inherited.length > 0) entry.inherited = inherited;
  if (redacted !== undefined) entry.redacted = redacted;
  if (kept?.hidden !== undefined) entry.hidden = kept.hidden;
  return entry;
}

function resultBodies(result: string, senders: readonly string[], kept: KeptBack | undefined): Bodies {
  if (senders.length === 0 && kept === undefined) return { result };
  return { result, ...(senders.length === 0 ? {} : { senders: JSON.stringify(senders) }), ...kept?.bodies };
}

/** A refusal of which the record says more. */
export function after(judged: Judged, code: Refusal['code'], why: string): Refusal {
  const what = toolKey(judged.action.server, judged.action.tool.name);
  return withFix({ code, what, why, decision: judged.id });
}
