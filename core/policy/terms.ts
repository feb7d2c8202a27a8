import type { ApprovalTerms, Quorum } from '../model/decision.ts';
import type { ActionClass, Tool } from '../model/tool.ts';
import type { PolicyInfo } from './engine.ts';

/** Whom a question goes to, and how long its yes lasts: what the rules that ask say of it in their annotations. */

export const approvalSecondsDefault = 600;
export const approvalSecondsMax = 86_400;

/**
 * Each rule that names somebody gets a yes of its own. Those that name nobody are together content with whom the others name, or
 * the operator where nobody is named at all. Of several time limits the shortest holds.
 */
export function termsOf(infos: readonly PolicyInfo[]): ApprovalTerms {
  const said = infos.map(quorumOf);
  const named = said.filter(({ approvers }) => approvers.length > 0);
  const seconds = infos.map(info => durationSeconds(info.annotations.expires)).filter(value => value !== undefined);
  return termsFrom(
    [...named, ofAnybody(said, named)],
    Math.min(approvalSecondsMax, ...(seconds.length > 0 ? seconds : [approvalSecondsDefault])),
  );
}

/** One question for several agents of a chain, no easier to answer than any of theirs. */
export function termsOfAll(all: readonly ApprovalTerms[]): ApprovalTerms {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  return termsFrom(all.flatMap(quorumsOf), Math.min(...all.map(({ expiresSeconds }) => expiresSeconds)));
}

/** All that have to be met. */
export function quorumsOf({ approvers, people, escalation, and = [] }: ApprovalTerms): readonly Quorum[] {
  return [quorum(approvers, people, escalation), ...and];
}

function quorumOf({ annotations }: PolicyInfo): Quorum {
  const { approver, people, escalate } = annotations;
  return quorum(namesIn(approver), peopleIn(people), escalationIn(escalate));
}

/** What is wanted by the rules that name nobody. */
function ofAnybody(said: readonly Quorum[], named: readonly Quorum[]): Quorum {
  const approvers = [...new Set(named.flatMap(({ approvers }) => approvers))];
  const wanted = said.filter(one => one.approvers.length === 0).map(({ people = 1 }) => people);
  const escalations = said.flatMap(({ escalation }) => escalation ?? []);
  return quorum(approvers.length > 0 ? approvers : ['operator'], Math.max(1, ...wanted), soonest(escalations));
}

function quorum(approvers: readonly string[], people = 1, escalation?: Escalation): Quorum {
  return {
    approvers,
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

function termsFrom(quorums: readonly Quorum[], expiresSeconds: number): ApprovalTerms {
  const [first = { approvers: ['operator'] }, ...and] = quorums.filter(isNeeded);
  return { ...first, ...(and.length === 0 ? {} : { and }), expiresSeconds };
}

/** No other one is as strict: of two that say the same the first is needed. */
function isNeeded(one: Quorum, at: number, all: readonly Quorum[]): boolean {
  return !all.some((other, where) => where !== at && implies(other, one) && (where < at || !implies(one, other)));
}

/** Whenever `one` is met, `other` is: by people of whom each counts for it, at that time. */
export function implies(one: Quorum, other: Quorum): boolean {
  const { people = 1, escalation: later } = one;
  const { people: wanted = 1, escalation: otherLater } = other;
  if (people < wanted || !among(one.approvers, other.approvers)) return false;
  if (later === undefined) return true;
  const isLater = otherLater !== undefined && otherLater.afterSeconds <= later.afterSeconds;
  return among(later.approvers, isLater ? [...other.approvers, ...otherLater.approvers] : other.approvers);
}

function among(names: readonly string[], others: readonly string[]): boolean {
  return names.every(name => others.includes(name));
}

/** Actions of these kinds are nobody's to wave through at the agent's own client, whatever a rule says. */
const neverByClient: ReadonlySet<ActionClass> = new Set(['money', 'destructive', 'code', 'admin']);

/** Only where every rule that asks says so: one that does not was written for somebody independent of the agent. */
export function clientMayAnswer(
  infos: readonly PolicyInfo[],
  { people = 1, and = [] }: ApprovalTerms,
  { classes }: Tool,
): boolean {
  if (people > 1 || and.length > 0 || classes.some(name => neverByClient.has(name))) return false;
  return infos.filter(({ asks = true }) => asks).every(({ annotations }) => annotations.answer === 'client');
}

export const peopleMax = 5;

/** `2`; undefined for anything that is no small number. */
export function peopleIn(text: string | undefined): number | undefined {
  const count = /^[1-9]$/.test(text ?? '') ? Number(text) : undefined;
  return count !== undefined && count <= peopleMax ? count : undefined;
}

type Escalation = NonNullable<Quorum['escalation']>;

/** `5m: security, operator`; undefined for anything else. */
export function escalationIn(text: string | undefined): Escalation | undefined {
  const [after = '', names = ''] = text?.split(/:(.*)/s, 2) ?? [];
  const afterSeconds = durationSeconds(after.trim());
  const approvers = namesIn(names);
  return afterSeconds === undefined || approvers.length === 0 ? undefined : { afterSeconds, approvers };
}

/** Of several the shortest wait, with everybody whom one of them names. */
function soonest(all: readonly Escalation[]): Escalation | undefined {
  if (all.length === 0) return undefined;
  return {
    afterSeconds: Math.min(...all.map(({ afterSeconds }) => afterSeconds)),
    approvers: [...new Set(all.flatMap(({ approvers }) => approvers))],
  };
}

function namesIn(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

/** `90s`, `10m`, `2h`; undefined for anything else (the policy check refuses those at load). */
export function durationSeconds(text: string | undefined): number | undefined {
  const match = /^([1-9][0-9]{0,5})([smh])$/.exec(text ?? '');
  if (match === null) return undefined;
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as 's' | 'm' | 'h'];
}
