/** A no: a typed reason inside, a stable code and one actionable sentence outside. */

export type RefusalCode =
  // the call itself
  | 'malformed'
  | 'method-unknown'
  | 'tool-unknown'
  | 'argument-unknown'
  | 'argument-type'
  | 'handle-unknown'
  | 'handle-misplaced'
  // who
  | 'unauthenticated'
  | 'insufficient-scope'
  | 'agent-killed'
  // the task
  | 'task-unknown'
  | 'task-ended'
  | 'task-suspended'
  | 'task-audience'
  | 'server-killed'
  | 'limit-calls'
  | 'limit-bytes'
  | 'limit-spend'
  | 'limit-seconds'
  // policy
  | 'denied'
  | 'needs-approval'
  | 'quarantined'
  | 'policy-error'
  | 'obligation-unknown'
  // faults
  | 'credential-unavailable'
  | 'upstream-unavailable'
  | 'upstream-timeout'
  | 'cancelled'
  | 'overloaded'
  | 'fault'
  // after the first upstream byte: the effect is not known
  | 'indeterminate'
  | 'withheld';

export interface Refusal {
  readonly code: RefusalCode;
  /** What was refused: `everything/get-env`, `params.arguments.amount`. Never a value, never a secret. */
  readonly what: string;
  /** Policy id where a policy said no. */
  readonly rule?: string;
  /** Why, in facts. */
  readonly why: string;
  /** The rule's own words, where `why` says more exactly what it is about. */
  readonly reason?: string;
  /** The allowed alternative, in words; never a command that approves. */
  readonly fix?: string;
  /** The decision's id, once there is one. */
  readonly decision?: string;
  /** Why a proof did not hold: for the record alone, and never said outside (D-12). */
  readonly proof?: RefusedProof;
}

/** `reason` is a `ProofReason` of core/identity; `detail` names claims and fields, never a value. */
export interface RefusedProof {
  readonly reason: string;
  readonly detail: string;
  /** The configured trust that it was held against. */
  readonly trust?: string;
}

const refusalCharsMax = 300;

/**
 * The sentence an agent sees, at most 300 characters, on one line (design: a refusal, outside). What does not fit goes in this order:
 * the rule's own words, the last parts of why, what to do instead.
 */
export function refusalSentence(refusal: Refusal): string {
  const head = `Refused ${refusal.what}${refusal.rule ? ` (rule ${refusal.rule})` : ''}: `;
  const tail = refusal.decision ? ` Decision ${refusal.decision}.` : '';
  const room = refusalCharsMax - head.length - tail.length;
  const why = sentence(refusal.why);
  const fix = refusal.fix ? ` ${sentence(refusal.fix)}` : '';
  const reason = refusal.reason ? ` ${sentence(refusal.reason)}` : '';
  const whole = why + reason + fix;
  const left = room - fix.length;
  const said = whole.length <= room ? whole : left >= whyCharsMin ? cut(why, left) + fix : cut(why, room);
  return oneLine(head + said + tail);
}

/** A why that is shorter says nothing. */
const whyCharsMin = 60;

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** Ends with a part (`; `, `. `), else with a word; within a word only where whole ones would say nothing. */
function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  const within = text.slice(0, Math.max(0, room));
  const ends = [Math.max(within.lastIndexOf('; '), within.lastIndexOf('. ')), within.lastIndexOf(' ')];
  const end = ends.find(at => at >= whyCharsMin) ?? within.length - 1;
  return `${within.slice(0, Math.max(0, end))}…`;
}

/** Control, separator and bidirectional characters could forge a second line or reverse what is read. */
function oneLine(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .slice(0, refusalCharsMax);
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function passed<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refused(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
