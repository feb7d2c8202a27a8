import type { Call, Notice } from '../model/call.ts';
import type { Performed } from '../model/entry.ts';
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
import type { Judged } from './decided.ts';
import { type KeptBack, keepBack } from './keep-back.ts';
import { type Loosening, loosen, looseningIn, looseningOf } from './loosen.ts';
import type { LinePorts, Ready, Reservation, UpstreamError, UpstreamReply } from './ports.ts';
import { priceOf } from './price.ts';
import { sourcesOf, withSources } from './put-back.ts';
import { resultRedactor } from './redact.ts';
import type { Reply } from './reply.ts';
import { inheritedBy } from './resource.ts';

/** A literal in its place would be an object anew each time. */
const nothing = {} as const;

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
      const about = { hidden: kept?.sources, endorsed: holds.endorse !== undefined, ...broughtBy(inherited) };
      remember(judged, outcome, reply.result, ports, { chars: reply.bytes, ...about });
    }
    if (reply.kind === 'error' && kept === undefined) remember(judged, outcome, errorText(reply.error), ports);
    // What is counted is what stands in the entries: limits are rebuilt from them.
    const bytes = 'bytes' in reply ? Math.min(reply.bytes, reservation.replyBytesMax) : 0;
    reservation.commit(call.bytes + bytes, spendCents);
    const tookMicros = Math.round(ports.micros() - started);
    const done = { id: outcome, labels: [...heard], bytes, ...(spendCents === undefined ? nothing : { spendCents }) };
    const taken = redactor?.found();
    const told = {
      tookMicros,
      ...(inherited.length === 0 ? nothing : { inherited }),
      ...(taken === undefined ? nothing : { redacted: taken }),
      ...(kept?.hidden === undefined ? nothing : { hidden: kept.hidden }),
    };
    return settle(judged, done, { reply, kept, loosening: holds }, told, ports);
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

function settle(
  judged: Judged,
  outcome: Pick<Performed, 'id' | 'labels' | 'bytes' | 'spendCents'>,
  { reply: came, kept, loosening }: Answered,
  told: Pick<Performed, 'tookMicros' | 'inherited' | 'redacted' | 'hidden'>,
  ports: LinePorts,
): Reply {
  const reply = kept?.reply ?? came;
  const base = { ...outcome, decision: judged.id, task: judged.task.id };
  // What a client performs by itself nobody here has seen.
  const done = judged.door === 'hook' ? ('reported' as const) : ('performed' as const);
  switch (reply.kind) {
    case 'result': {
      const failed = member(reply.result, 'isError');
      const kind = failed?.kind === 'boolean' && failed.value ? 'tool-error' : 'ok';
      const recorded = came.kind === 'result' ? came.result : reply.result;
      const text = normalText(recorded);
      const senders = came.kind === 'result' ? sendersOf(judged.action.tool, came.result) : [];
      const bodies = {
        result: text,
        ...(senders.length === 0 ? nothing : { senders: JSON.stringify(senders) }),
        ...kept?.bodies,
      };
      ports.journal.append({ kind: done, ...base, outcome: kind, ...told }, bodies);
      // What a tool says of its failure is laid out as it likes, and what a client reports may be anything.
      if (kind === 'ok' && done === 'performed') loosen(loosening, judged.task, outcome.id, ports);
      const cost = priceOf(judged.request, outcome.labels, judged.task, ports.world());
      return {
        kind: 'result',
        result: reply.result,
        ...(recorded === reply.result ? { text } : nothing),
        ...(cost.length === 0 ? nothing : { cost }),
      };
    }
    case 'error': {
      const { code, message } = came.kind === 'error' ? came.error : reply.error;
      const result = JSON.stringify({ code, message });
      ports.journal.append({ kind: done, ...base, outcome: 'protocol-error', ...told }, { result });
      return { kind: 'error', error: reply.error };
    }
    case 'unusable':
      ports.journal.append({ kind: 'withheld', ...base, why: reply.why });
      return {
        kind: 'refusal',
        refusal: after(judged, 'withheld', `the server answered, and the answer was kept back: ${reply.why}`),
      };
    case 'lost':
      ports.journal.append({ kind: 'indeterminate', ...base, code: reply.code });
      return {
        kind: 'refusal',
        refusal: after(judged, 'indeterminate', `it was sent and its effect is not known: ${reply.why}`),
      };
  }
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
