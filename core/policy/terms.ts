import type { ApprovalTerms } from '../model/decision.ts';
import type { ActionClass, Tool } from '../model/tool.ts';
import type { PolicyInfo } from './engine.ts';

/** Whom a question goes to, and how long its yes lasts: what the rules that ask say of it in their annotations. */

export const approvalSecondsDefault = 600;
export const approvalSecondsMax = 86_400;

/** Every named approver may answer; of several time limits the shortest holds. */
export function termsOf(infos: readonly PolicyInfo[]): ApprovalTerms {
  const approvers = [...new Set(infos.flatMap(info => namesIn(info.annotations.approver)))];
  const seconds = infos.map(info => durationSeconds(info.annotations.expires)).filter(value => value !== undefined);
  const people = Math.max(1, ...infos.map(info => peopleIn(info.annotations.people) ?? 1));
  const escalation = soonest(infos.flatMap(info => escalationIn(info.annotations.escalate) ?? []));
  return {
    approvers: approvers.length > 0 ? approvers : ['operator'],
    expiresSeconds: Math.min(approvalSecondsMax, ...(seconds.length > 0 ? seconds : [approvalSecondsDefault])),
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

/**
 * One question for several agents of a chain, no easier to answer than any of theirs: by whom all name, as many people as the
 * strictest wants, within the shortest time, and by others later only where all say so. Where nobody is named by all, by as many
 * people of all that are named as they want together.
 */
export function termsOfAll(all: readonly ApprovalTerms[]): ApprovalTerms {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  const common = namedByAll(all);
  const wanted = all.map(({ people = 1 }) => people);
  const people = common.length > 0 ? Math.max(...wanted) : wanted.reduce((sum, count) => sum + count, 0);
  const escalation = common.length > 0 ? latest(all.map(terms => terms.escalation)) : undefined;
  return {
    approvers: common.length > 0 ? common : [...new Set(all.flatMap(({ approvers }) => approvers))],
    expiresSeconds: Math.min(...all.map(({ expiresSeconds }) => expiresSeconds)),
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

function latest(all: readonly (Escalation | undefined)[]): Escalation | undefined {
  const known = all.filter(one => one !== undefined);
  const approvers = namedByAll(known);
  if (known.length < all.length || approvers.length === 0) return undefined;
  return { afterSeconds: Math.max(...known.map(({ afterSeconds }) => afterSeconds)), approvers };
}

function namedByAll(all: readonly { readonly approvers: readonly string[] }[]): readonly string[] {
  const [first, ...others] = all;
  return first?.approvers.filter(name => others.every(({ approvers }) => approvers.includes(name))) ?? [];
}

/** Actions of these kinds are nobody's to wave through at the agent's own client, whatever a rule says. */
const neverByClient: ReadonlySet<ActionClass> = new Set(['money', 'destructive', 'code', 'admin']);

/** Only where every rule that asks says so: one that does not was written for somebody independent of the agent. */
export function clientMayAnswer(
  infos: readonly PolicyInfo[],
  { people = 1 }: ApprovalTerms,
  { classes }: Tool,
): boolean {
  if (people > 1 || classes.some(name => neverByClient.has(name))) return false;
  return infos.filter(({ asks = true }) => asks).every(({ annotations }) => annotations.answer === 'client');
}

export const peopleMax = 5;

/** `2`; undefined for anything that is no small number. */
export function peopleIn(text: string | undefined): number | undefined {
  const count = /^[1-9]$/.test(text ?? '') ? Number(text) : undefined;
  return count !== undefined && count <= peopleMax ? count : undefined;
}

type Escalation = NonNullable<ApprovalTerms['escalation']>;

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
