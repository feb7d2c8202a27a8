import type { Call, Notice } from '../model/call.ts';
import type { Bodies, Performed, Reported } from '../model/entry.ts';
import type { OutcomeId } from '../model/ids.ts';
import { type JsonNode, member, normalText } from '../model/json.ts';
import { concernsPeople, type Label, type LabelSource, labelsIn, withLabelsOf } from '../model/label.ts';
import type { Question } from '../model/question.ts';
import type { Refusal } from '../model/refusal.ts';
import { toolKey } from '../model/tool.ts';
import { labelsOf, vouchesForAll, worstLabels } from '../provenance/label.ts';
import type { Said } from '../provenance/memories.ts';
import { labelsOfResult, sendersOf } from '../provenance/result-labels.ts';
import { costIn } from '../task/cost.ts';
import { aboveCeiling, keptBack } from './ceiling.ts';
import type { Growing, Judged } from './decided.ts';
import { type KeptBack, keepBack } from './keep-back.ts';
import { type Loosening, loosen, looseningIn, looseningOf } from './loosen.ts';
import type { LinePorts, Ready, Reservation, UpstreamError, UpstreamReply } from './ports.ts';
import { priceOf } from './price.ts';
import { sourcesOf, withSources } from './put-back.ts';
import { resultRedactor } from './redact.ts';
import type { Reply } from './reply.ts';
import { inheritedBy } from './resource.ts';

export interface Performance {
  readonly judged: Judged;
  readonly ready: Ready;
  readonly reservation: Reservation;
  readonly call: Call;
}

/**
 * Steps 10 to 12. The first statement hands the bytes over; what comes back raises the task's labels before any of it
 * is relayed. From here on a fault is `indeterminate`: never "refused", never silently retried.
 */
export async function perform({ judged, ready, reservation, call }: Performance, ports: LinePorts): Promise<Reply> {
  const started = ports.micros();
  const outcome = ports.newId('o');
  const heard: Label[] = [];
  const raise = (labels: readonly Label[]): void => {
    for (const label of labels) if (!heard.includes(label)) heard.push(label);
    ports.tasks.raise(judged.task.id, heardFrom(judged, outcome, heard, ports));
  };
  const besides = withLabelsOf(labelsOf(judged.action.tool), judged.held);
  const tooHigh = aboveCeiling(besides, judged.task) !== undefined;
  const { hidden: from } = judged;
  // Where words are kept back, so is what is said on the way.
  const isMute = tooHigh || from !== undefined;
  const loosening = looseningIn(judged.verdict);
  // Log messages are nobody's, so no policy can have spoken of them: where one loosens there are none.
  const isLoosened = loosening.declassify !== undefined || loosening.endorse !== undefined;
  const redactor = resultRedactor(judged.verdict, ports.readPersonal);
  const hear = (said: Notice): void => {
    const notice = isMute || redactor === undefined ? said : redactor.notice(said);
    if (isMute || notice === undefined || (isLoosened && notice.method === 'notifications/message')) return;
    raise(notice.method === 'notifications/message' ? [...besides, ...labelsOfLog(judged, ports)] : besides);
    remember(judged, outcome, notice.params, ports);
    call.relay(notice);
  };
  const hearQuestion = (asked: Question): void => {
    const question = isMute || redactor === undefined ? asked : redactor.question(asked);
    if (isMute || question === undefined || call.ask === undefined) {
      asked.refuse('unsupported');
      return;
    }
    raise(besides);
    call.ask(question);
  };
  const replyBytesMax = replyBound(judged, reservation.replyBytesMax);
  let reply: UpstreamReply;
  try {
    reply = await ready.perform({
      signal: call.signal,
      replyBytesMax,
      wantsProgress: call.wantsProgress,
      onNotice: hear,
      onQuestion: hearQuestion,
      offers: call.offers,
    });
  } catch {
    reply = { kind: 'lost', sent: true, code: 'upstream-unavailable', why: 'the connection to the server failed' };
  }
  if (reply.kind === 'lost' && !reply.sent) return unsent(judged, reply.code, reply.why, ports);
  const spendCents = spentBy(judged, reply);
  try {
    // Others may have written there while this was under way.
    const inherited = withSources(inheritedBy(judged.action, judged.resource, ports.stores), sourcesOf(judged.putBack));
    const own = reply.kind === 'result' ? labelsOfResult(judged.action.tool, reply.result, ports.digest) : besides;
    const all = withLabelsOf(own, inherited);
    const over = aboveCeiling(all, judged.task);
    if (over !== undefined && (reply.kind === 'result' || reply.kind === 'error'))
      reply = { kind: 'unusable', why: keptBack(over, judged.task), bytes: reply.bytes };
    if (redactor !== undefined) reply = redactor.reply(reply);
    const kept =
      from === undefined || over !== undefined
        ? undefined
        : keepBack(judged, { from, besides: labelsIn(inherited), all }, outcome, reply, ports);
    // Handles hide words, not whose they are and who may see them.
    if (over === undefined) raise(kept === undefined ? all : [...kept.labels, ...all.filter(concernsPeople)]);
    const holds = looseningOf(loosening, inherited);
    if (reply.kind === 'result') {
      const { tainted, inherited: brought } = broughtBy(inherited);
      const endorsed = holds.endorse !== undefined;
      const about = { chars: reply.bytes, hidden: kept?.sources, endorsed, tainted, inherited: brought };
      remember(judged, outcome, reply.result, ports, about);
    }
    if (reply.kind === 'error' && kept === undefined) remember(judged, outcome, errorText(reply.error), ports);
    // What is counted is what stands in the entries: limits are rebuilt from them.
    const bytes = 'bytes' in reply ? Math.min(reply.bytes, reservation.replyBytesMax) : 0;
    reservation.commit(call.bytes + bytes, spendCents);
    const tookMicros = Math.round(ports.micros() - started);
    const told = {
      id: outcome,
      labels: [...heard],
      bytes,
      spendCents,
      tookMicros,
      inherited,
      redacted: redactor?.found(),
    };
    return settle(judged, told, { reply, kept, loosening: holds }, ports);
  } catch {
    return {
      kind: 'refusal',
      refusal: after(judged, 'indeterminate', 'it was sent, and its outcome could not be recorded'),
    };
  }
}

/** What it came to, where the result says so and it is not what was set aside. A tool that failed may have spent it all the same. */
function spentBy({ action, spendCents }: Judged, reply: UpstreamReply): number | undefined {
  const { cost } = action.tool;
  const said = cost === undefined || reply.kind !== 'result' ? undefined : costIn(cost, reply.result);
  return said === spendCents ? undefined : said;
}

/** Where values of later calls come from; what cannot be remembered comes from nowhere. */
function remember(
  judged: Judged,
  entry: OutcomeId,
  said: JsonNode | undefined,
  ports: LinePorts,
  about: Said = { chars: 1_000, ...broughtBy(judged.held) },
): void {
  if (said !== undefined) ports.flow.read(judged.task.id, judged, entry, said, about);
}

/** Whoever wrote there may have been led by somebody else's words, and may have written what they had read. */
export function broughtBy(inherited: readonly LabelSource[]): Required<Pick<Said, 'tainted' | 'inherited'>> {
  if (inherited.length === 0) return nobodysWriting;
  const labels = labelsIn(inherited);
  const tainted = labels.some(label => label === 'untrusted' || label === 'org');
  return { tainted, inherited: labels };
}

const nobodysWriting: Required<Pick<Said, 'tainted' | 'inherited'>> = { tainted: false, inherited: [] };

function errorText({ message, data }: UpstreamError): JsonNode {
  const text: JsonNode = { kind: 'string', value: message };
  return data === undefined ? text : { kind: 'array', items: [text, data] };
}

interface Answered {
  /** What came. */
  readonly reply: UpstreamReply;
  /** What is passed on of it, where values are kept back. */
  readonly kept: KeptBack | undefined;
  readonly loosening: Loosening;
}

/** What is recorded of it. */
interface Told extends Pick<Performed, 'id' | 'labels' | 'bytes' | 'tookMicros'> {
  readonly spendCents: number | undefined;
  readonly inherited: readonly LabelSource[];
  readonly redacted: Performed['redacted'] | undefined;
}

function settle(judged: Judged, told: Told, answered: Answered, ports: LinePorts): Reply {
  const { reply: came, kept, loosening } = answered;
  const reply = kept?.reply ?? came;
  switch (reply.kind) {
    case 'result': {
      const failed = member(reply.result, 'isError');
      const outcome = failed?.kind === 'boolean' && failed.value ? 'tool-error' : 'ok';
      const recorded = came.kind === 'result' ? came.result : reply.result;
      const text = normalText(recorded);
      const senders = came.kind === 'result' ? sendersOf(judged.action.tool, came.result) : [];
      const entry = performedEntry(judged, told, outcome, kept);
      ports.journal.append(entry, resultBodies(text, senders, kept));
      // What a tool says of its failure is laid out as it likes, and what a client reports may be anything.
      if (outcome === 'ok' && entry.kind === 'performed') loosen(loosening, judged.task, told.id, ports);
      const cost = priceOf(judged.request, told.labels, judged.task, ports.world());
      const answer: Growing<Extract<Reply, { kind: 'result' }>> = { kind: 'result', result: reply.result };
      if (recorded === reply.result) answer.text = text;
      if (cost.length > 0) answer.cost = cost;
      return answer;
    }
    case 'error': {
      const { code, message } = came.kind === 'error' ? came.error : reply.error;
      const result = JSON.stringify({ code, message });
      ports.journal.append(performedEntry(judged, told, 'protocol-error', kept), { result });
      return { kind: 'error', error: reply.error };
    }
    case 'unusable':
      ports.journal.append({ kind: 'withheld', ...baseOf(judged, told), why: reply.why });
      return {
        kind: 'refusal',
        refusal: after(judged, 'withheld', `the server answered, and the answer was kept back: ${reply.why}`),
      };
    case 'lost':
      ports.journal.append({ kind: 'indeterminate', ...baseOf(judged, told), code: reply.code });
      return {
        kind: 'refusal',
        refusal: after(judged, 'indeterminate', `it was sent and its effect is not known: ${reply.why}`),
      };
  }
}

function baseOf({ id: decision, task }: Judged, { id, labels, bytes, spendCents }: Told) {
  const base = { id, decision, task: task.id, labels, bytes };
  return spendCents === undefined ? base : { ...base, spendCents };
}

function performedEntry(
  { id: decision, task, door }: Judged,
  { id, labels, bytes, tookMicros, spendCents, inherited, redacted }: Told,
  outcome: Performed['outcome'],
  kept: KeptBack | undefined,
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

function unsent(judged: Judged, code: Refusal['code'], why: string, ports: LinePorts): Reply {
  ports.journal.append({ kind: 'faulted', id: ports.newId('e'), decision: judged.id, task: judged.task.id, code });
  return { kind: 'refusal', refusal: after(judged, code, why) };
}

function after(judged: Judged, code: Refusal['code'], why: string): Refusal {
  return { code, what: toolKey(judged.action.server, judged.action.tool.name), why, decision: judged.id };
}

function heardFrom(judged: Judged, entry: OutcomeId, labels: readonly Label[], ports: LinePorts): LabelSource[] {
  const { server, tool } = judged.action;
  const at = ports.now();
  return labels.map(label => ({ label, entry, server, tool: tool.name, at }));
}

/**
 * A log message has no address: whatever the server is at work on, or was, may speak in it. Vouching for one tool vouches
 * for its results, its progress and its stream; for log messages only where every tool of the server is vouched for.
 */
function labelsOfLog({ action }: Judged, ports: LinePorts): readonly Label[] {
  const tools = [...(ports.world().catalogue.servers.get(action.server)?.tools.values() ?? [])];
  const written = ports.stores.held(action.server, undefined);
  return withLabelsOf(tools.every(vouchesForAll) ? [] : worstLabels, written);
}

/** `result-bytes-max` can only lower the gateway's own limit. */
function replyBound(judged: Judged, replyBytesMax: number): number {
  const obligations = judged.verdict.kind === 'pass' ? judged.verdict.obligations : [];
  if (obligations.length === 0) return replyBytesMax;
  const bounds = obligations.filter(({ name }) => name === 'result-bytes-max').map(({ value }) => Number(value));
  return Math.min(replyBytesMax, ...bounds);
}
