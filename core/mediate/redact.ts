import type { ReadPersonal } from '../facts/personal.ts';
import { redacted } from '../facts/redaction.ts';
import { type Action, type Digest, makeAction } from '../model/action.ts';
import type { Call, Notice } from '../model/call.ts';
import { demandedBy, type Obligation, type Verdict } from '../model/decision.ts';
import type { JsonObject, JsonText } from '../model/json.ts';
import type { Question } from '../model/question.ts';
import { bothRedactions, parseRedaction, type Redaction } from '../model/redaction.ts';
import { sinksOf } from '../provenance/call/sinks.ts';
import { checkInput } from './check-input.ts';
import type { UpstreamReply } from './ports.ts';

/** What is sent instead of what was asked for, and how many of each kind were taken out of it. */
export interface SentRedacted {
  readonly action: Action;
  readonly found: Readonly<Record<string, number>>;
}

interface Redacting {
  readonly digest: Digest;
  readonly readPersonal?: ReadPersonal;
}

/**
 * The obligation `redact-arguments`, before anything is sent: the arguments without what it names. Whom a call goes to stays,
 * since without it there would be nobody to send it to. Refused where the rest does not fit the tool, where nothing can look for
 * it, and at a door behind which somebody else performs and would have to redact.
 */
export function sentAs(
  action: Action,
  call: Call,
  verdict: Verdict,
  { digest, readPersonal }: Redacting,
): { readonly verdict: Verdict; readonly sent?: SentRedacted } {
  const obligations = demandedBy(verdict);
  if (!obligations.some(isRedaction)) return { verdict };
  if (call.door === 'hook') return { verdict: unfulfilled };
  const redaction = redactionIn(obligations, 'redact-arguments');
  if (redaction === undefined) return { verdict };
  try {
    const { data, found } = redacted<JsonObject>(action.input, redaction, readPersonal, addressees(action));
    if (Object.keys(found).length === 0) return { verdict };
    if (!checkInput(action.tool, data).ok) return { verdict: unfulfilled };
    return { verdict, sent: { action: makeAction({ ...call, input: data }, action.tool, digest), found } };
  } catch {
    return { verdict: unfulfilled };
  }
}

const unfulfilled: Verdict = { kind: 'refuse', code: 'obligation-unknown' };

function addressees({ tool, input }: Action): ReadonlySet<string> {
  const { sinks } = sinksOf(tool, input);
  return new Set(sinks.filter(isAddressee).map(({ value }) => value));
}

function isAddressee({ role, argument }: { readonly role: string; readonly argument: string }): boolean {
  return role === 'destination' && !argument.endsWith('(link)');
}

function isRedaction({ name }: Obligation): boolean {
  return name === 'redact-arguments' || name === 'redact-result';
}

/** Of several obligations all that any of them names. */
function redactionIn(obligations: readonly Obligation[], name: string): Redaction | undefined {
  return obligations
    .filter(obligation => obligation.name === name)
    .map(({ value }) => parseRedaction(value))
    .reduce<Redaction | undefined>(
      (all, one) => (all === undefined || one === undefined ? (one ?? all) : bothRedactions(all, one)),
      undefined,
    );
}

/** Takes out of everything that comes back what `redact-result` names, and counts it. What it cannot search is kept back. */
export interface ResultRedactor {
  readonly reply: (reply: UpstreamReply) => UpstreamReply;
  readonly notice: (notice: Notice) => Notice | undefined;
  readonly question: (question: Question) => Question | undefined;
  /** Taken out so far; undefined: nothing. */
  readonly found: () => Readonly<Record<string, number>> | undefined;
}

/** Undefined where nothing is to be taken out. */
export function resultRedactor(verdict: Verdict, readPersonal: ReadPersonal | undefined): ResultRedactor | undefined {
  const redaction = redactionIn(demandedBy(verdict), 'redact-result');
  if (redaction === undefined) return undefined;
  const counts: Record<string, number> = {};
  const without = <T extends JsonObject | JsonText>(data: T): T => {
    const one = redacted(data, redaction, readPersonal);
    for (const [kind, count] of Object.entries(one.found)) counts[kind] = (counts[kind] ?? 0) + count;
    return one.data;
  };
  const reply = (said: UpstreamReply): UpstreamReply => {
    if (said.kind === 'result') return { ...said, result: without(said.result) };
    if (said.kind !== 'error') return said;
    const { message, data } = said.error;
    const text = without<JsonText>({ kind: 'string', value: message });
    return { ...said, error: { ...said.error, message: text.value, data: data && without(data) } };
  };
  return {
    reply: said =>
      tried(() => reply(said)) ?? { kind: 'unusable', why: notSearched, bytes: 'bytes' in said ? said.bytes : 0 },
    notice: notice => tried(() => ({ ...notice, params: without(notice.params) })),
    question: question => tried(() => ({ ...question, params: without(question.params) })),
    found: () => (Object.keys(counts).length === 0 ? undefined : counts),
  };
}

const notSearched = 'policy wants something taken out of it, and nothing here can look for it';

function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
