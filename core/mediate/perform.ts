import type { Call } from '../model/call.ts';
import { demandedBy } from '../model/decision.ts';
import type { JsonNode } from '../model/json.ts';
import { concernsPeople, labelsIn, withLabelsOf } from '../model/label.ts';
import { labelsOfResult } from '../provenance/labels/result-labels.ts';
import { costIn } from '../task/cost.ts';
import { aboveCeiling, keptBack } from './ceiling.ts';
import type { Judged } from './decided.ts';
import { type Hearing, hearingOf, type Underway } from './hearing.ts';
import { keepBack } from './keep-back.ts';
import { looseningIn, looseningOf } from './loosen.ts';
import type { LinePorts, Ready, Reservation, UpstreamError, UpstreamReply } from './ports.ts';
import { sourcesIn, withSources } from './put-back.ts';
import { quietly } from './quietly.ts';
import { resultRedactor } from './redact.ts';
import { fault } from './refuse.ts';
import { broughtBy, remember } from './remember.ts';
import type { Reply } from './reply.ts';
import { inheritedBy } from './resource.ts';
import { type Answered, after, settle } from './settle.ts';

export interface Performance {
  readonly judged: Judged;
  readonly ready: Ready;
  readonly reservation: Reservation;
  readonly call: Call;
}

/** Steps 10 to 12. It throws only where nothing was sent. */
export function perform({ judged, ready, reservation, call }: Performance, ports: LinePorts): Promise<Reply> {
  const begun = ports.micros();
  const redactor = resultRedactor(judged.verdict, ports.readPersonal);
  const underway = { judged, call, outcome: ports.newId('o'), redactor, loosening: looseningIn(judged.verdict) };
  const hearing = hearingOf(underway, ports);
  return seeThrough({ ...underway, ready, reservation, hearing, begun }, ports);
}

interface Sending extends Underway, Performance {
  readonly hearing: Hearing;
  /** Microseconds, of the clock that never jumps. */
  readonly begun: number;
}

/**
 * The first statement hands the bytes over; what comes back raises the task's labels before any of it is relayed. From here on
 * a fault is `indeterminate`: never "refused", never silently retried, and paid for.
 */
async function seeThrough(sending: Sending, ports: LinePorts): Promise<Reply> {
  const { judged, ready, reservation, call, hearing } = sending;
  let reply: UpstreamReply;
  try {
    reply = await ready.perform({
      task: judged.task.id,
      signal: call.signal,
      replyBytesMax: replyBound(judged, reservation.replyBytesMax),
      wantsProgress: call.wantsProgress,
      onNotice: hearing.notice,
      onQuestion: hearing.question,
      offers: call.offers,
    });
  } catch {
    reply = { kind: 'lost', sent: true, code: 'upstream-unavailable', why: 'the connection to the server failed' };
  }
  if (reply.kind === 'unusable' && reply.tooLarge) reply = { ...reply, why: tooLarge(sending, ports) };
  // What the server said meanwhile reached the agent, and stands in the record with an outcome alone.
  if (reply.kind === 'lost' && !reply.sent && hearing.heard.length === 0)
    return fault(judged, after(judged, reply.code, reply.why), ports);
  try {
    const answered = label(sending, reply, ports); // 11
    reservation.commit(call.bytes + answered.bytes, answered.spendCents);
    return settle(judged, answered, ports); // 12
  } catch {
    quietly(() => reservation.commit(call.bytes));
    return {
      kind: 'refusal',
      refusal: after(judged, 'indeterminate', 'it was sent, and its outcome could not be recorded'),
    };
  }
}

/** Step 11: the labels of all that came are the task's from here on, and what it says is remembered; then obligations are met. */
function label(sending: Sending, came: UpstreamReply, ports: LinePorts): Answered {
  const { judged, reservation, outcome, redactor, hearing } = sending;
  const { action, task, resource, putBack, hidden: from } = judged;
  // Others may have written there while this was under way.
  const inherited = withSources(inheritedBy(action, resource, ports.stores), sourcesIn(putBack));
  const own = came.kind === 'result' ? labelsOfResult(action.tool, came.result, ports.digest) : hearing.besides;
  const all = withLabelsOf(own, inherited);
  const over = aboveCeiling(all, task);
  const bounded: UpstreamReply =
    over !== undefined && (came.kind === 'result' || came.kind === 'error')
      ? { kind: 'unusable', why: keptBack(over, task), bytes: came.bytes }
      : came;
  const reply = redactor === undefined ? bounded : redactor.reply(bounded);
  const kept =
    from === undefined || over !== undefined
      ? undefined
      : keepBack(judged, { from, besides: labelsIn(inherited), all }, outcome, reply, ports);
  // Handles hide words, not whose they are and who may see them.
  if (over === undefined) hearing.raise(kept === undefined ? all : [...kept.labels, ...all.filter(concernsPeople)]);
  const loosening = looseningOf(sending.loosening, inherited);
  if (reply.kind === 'result') {
    const { tainted, inherited: brought } = broughtBy(inherited);
    const endorsed = loosening.endorse !== undefined;
    const about = { chars: reply.bytes, hidden: kept?.sources, endorsed, tainted, inherited: brought };
    remember(judged, outcome, reply.result, ports, about);
  }
  if (reply.kind === 'error' && kept === undefined) remember(judged, outcome, errorText(reply.error), ports);
  return {
    id: outcome,
    reply,
    kept,
    loosening,
    labels: [...hearing.heard],
    inherited,
    placed: hearing.placed,
    redacted: redactor?.found(),
    // What is counted is what stands in the entries: limits are rebuilt from them.
    bytes: 'bytes' in reply ? Math.min(reply.bytes, reservation.replyBytesMax) : 0,
    spendCents: spentBy(judged, came),
    tookMicros: Math.round(ports.micros() - sending.begun),
  };
}

/** What it came to, where the result says so and it is not what was set aside. A tool that failed may have spent it all the same. */
function spentBy({ action, spendCents }: Judged, reply: UpstreamReply): number | undefined {
  const { cost } = action.tool;
  const said = cost === undefined || reply.kind !== 'result' ? undefined : costIn(cost, reply.result);
  return said === spendCents ? undefined : said;
}

function errorText({ message, data }: UpstreamError): JsonNode {
  const text: JsonNode = { kind: 'string', value: message };
  return data === undefined ? text : { kind: 'array', items: [text, data] };
}

/** Which of the three bounds an answer was too large for: each is widened by somebody else, or by asking for less. */
function tooLarge({ judged, reservation }: Sending, { limits }: LinePorts): string {
  const most = replyBound(judged, reservation.replyBytesMax);
  if (most < reservation.replyBytesMax)
    return `it is larger than the ${most} bytes that policy lets an answer to this have`;
  return most < limits.replyBytesMax
    ? `it is larger than the ${most} bytes that are left of all that this task may send and read; ask for less at a time`
    : `it is larger than ${most} bytes`;
}

/** `result-bytes-max` can only lower the gateway's own limit. */
function replyBound(judged: Judged, replyBytesMax: number): number {
  const obligations = demandedBy(judged.verdict);
  if (obligations.length === 0) return replyBytesMax;
  const bounds = obligations.filter(({ name }) => name === 'result-bytes-max').map(({ value }) => Number(value));
  return Math.min(replyBytesMax, ...bounds);
}
