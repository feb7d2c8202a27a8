import type { ReadPolicy } from './slice.ts';

/** What policies say beside yes and no, in their annotations (docs/reference/policies.md): whom a question goes to, and what a permit demands. */

/** Of whom a yes is wanted. */
export interface Quorum {
  readonly approvers: readonly string[];
  /** Absent: one. */
  readonly people?: number;
  readonly escalation?: Escalation;
}

/** A question to people. */
export interface Terms extends Quorum {
  /** What else has to be met; absent: nothing. */
  readonly and?: readonly Quorum[];
  readonly expiresSeconds: number;
  /** Whoever sits at the agent's own client may answer as well. */
  readonly answer?: 'client';
}

interface Escalation {
  readonly afterSeconds: number;
  readonly approvers: readonly string[];
}

/** What has to be done to permit; `act` names the policy that loosens something by it, and why. */
export interface Demand {
  readonly name: string;
  readonly value: string;
  readonly act?: { readonly policy: string; readonly why: string };
}

const secondsDefault = 600;
const secondsMax = 86_400;
const peopleMax = 5;

/** A yes for each policy that names people; the others together take whoever those name. */
export function termsOf(policies: readonly ReadPolicy[]): Terms {
  const said = policies.map(({ json }) => json.annotations ?? {});
  const limits = said.flatMap(({ expires }) => seconds(expires) ?? []);
  const quorums = said.map(({ approver, people, escalate }) =>
    quorum(listed(approver), peopleIn(people), escalationIn(escalate)),
  );
  const naming = quorums.filter(({ approvers }) => approvers.length > 0);
  const silent = quorums.filter(({ approvers }) => approvers.length === 0);
  const later = quorums.flatMap(({ escalation }) => escalation ?? []);
  const anybody = quorum(
    naming.length === 0 ? ['operator'] : unique(naming.flatMap(({ approvers }) => approvers)),
    Math.max(1, ...silent.map(({ people = 1 }) => people)),
    later.length === 0
      ? undefined
      : {
          afterSeconds: Math.min(...later.map(({ afterSeconds }) => afterSeconds)),
          approvers: unique(later.flatMap(({ approvers }) => approvers)),
        },
  );
  return terms([...naming, anybody], Math.min(secondsMax, ...(limits.length === 0 ? [secondsDefault] : limits)));
}

function quorum(approvers: readonly string[], people: number, escalation: Escalation | undefined): Quorum {
  return {
    approvers,
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

/** One question for several agents of a chain: all that each of them is asked for, within the shortest time. */
export function termsOfAll(all: readonly Terms[]): Terms {
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  const quorums = all.flatMap(({ and = [], expiresSeconds: _, answer: __, ...own }): Quorum[] => [own, ...and]);
  return terms(quorums, Math.min(...all.map(({ expiresSeconds }) => expiresSeconds)));
}

/** Without those that are met whenever another one is. */
function terms(all: readonly Quorum[], expiresSeconds: number): Terms {
  const left = [...all];
  // From the end, so that the first of equal ones stays.
  for (let at = left.length - 1; at >= 0; at--)
    if (left.some((other, where) => where !== at && meets(other, left[at] as Quorum))) left.splice(at, 1);
  const [first = { approvers: ['operator'] }, ...and] = left;
  return { ...first, ...(and.length > 0 ? { and } : {}), expiresSeconds };
}

/** Whether `wanted` has its yes as soon as `given` has, at whatever time that is. */
function meets(given: Quorum, wanted: Quorum): boolean {
  if ((given.people ?? 1) < (wanted.people ?? 1)) return false;
  const times = [0, given.escalation?.afterSeconds ?? 0];
  return times.every(time => mayAnswer(given, time).every(name => mayAnswer(wanted, time).includes(name)));
}

function mayAnswer({ approvers, escalation }: Quorum, time: number): readonly string[] {
  return escalation === undefined || time < escalation.afterSeconds
    ? approvers
    : [...approvers, ...escalation.approvers];
}

const neverByClient: ReadonlySet<string> = new Set(['money', 'destructive', 'code', 'admin']);

/** Where one person is asked, about nothing grave, and every policy that looks at the approval says so. */
export function clientMayAnswer(
  policies: readonly ReadPolicy[],
  { people = 1, and = [] }: Terms,
  classes: readonly string[],
): boolean {
  if (people > 1 || and.length > 0 || classes.some(name => neverByClient.has(name))) return false;
  const asking = policies.filter(({ looks }) =>
    looks.some(({ path: [first] }) => first === undefined || first === 'approved'),
  );
  return asking.every(({ json }) => json.annotations?.answer === 'client');
}

/** Of those that loosen: what they may say, what loosens least first. */
const loosening: Readonly<Record<string, readonly string[]>> = {
  'declassify-result': ['confidential', 'internal', 'public'],
  'endorse-result': ['changes', 'outward'],
};

/** All that any of these permits demands, and of what loosens the least. */
export function demandsOf(policies: readonly ReadPolicy[]): readonly Demand[] {
  return merged(
    policies.flatMap(({ id, json: { annotations: { obligation, reason } = {} } }) =>
      (obligation?.split(',') ?? []).map((part): Demand => {
        const [name = '', value = ''] = part.split('=', 2).map(word => word.trim());
        return { name, value, ...(Object.hasOwn(loosening, name) ? { act: { policy: id, why: reason ?? '' } } : {}) };
      }),
    ),
  );
}

/** What binds one agent of a chain binds all; what loosens has to do so for both. */
export function demandsOfBoth(one: readonly Demand[], other: readonly Demand[]): readonly Demand[] {
  const says = (list: readonly Demand[], name: string): boolean => list.some(each => each.name === name);
  const all = [...one, ...other];
  return merged(all.filter(({ act, name }) => act === undefined || (says(one, name) && says(other, name))));
}

function merged(all: readonly Demand[]): readonly Demand[] {
  const binding = new Map<string, Demand>();
  const loose = new Map<string, Demand>();
  for (const demand of all) {
    const before = loose.get(demand.name);
    if (demand.act === undefined) binding.set(`${demand.name}=${demand.value}`, demand);
    else if (before === undefined || loosens(demand) < loosens(before)) loose.set(demand.name, demand);
  }
  return [...binding.values(), ...loose.values()];
}

function loosens({ name, value }: Demand): number {
  return loosening[name]?.indexOf(value) ?? -1;
}

function peopleIn(text: string | null | undefined): number {
  const count = /^[1-9]$/.test(text ?? '') ? Number(text) : 1;
  return count > peopleMax ? 1 : count;
}

/** `5m: security, operator` */
function escalationIn(text: string | null | undefined): Escalation | undefined {
  const colon = text?.indexOf(':') ?? -1;
  const afterSeconds = colon < 0 ? undefined : seconds(text?.slice(0, colon).trim());
  const approvers = listed(text?.slice(colon + 1));
  return afterSeconds === undefined || approvers.length === 0 ? undefined : { afterSeconds, approvers };
}

function seconds(text: string | null | undefined): number | undefined {
  const [, count, unit] = /^([1-9][0-9]{0,5})([smh])$/.exec(text ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 's' ? 1 : unit === 'm' ? 60 : 3_600);
}

function listed(text: string | null | undefined): string[] {
  return (text ?? '').split(',').flatMap(name => name.trim() || []);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
