import type { ReadPolicy } from './slice.ts';

/** What policies say beside yes and no, in their annotations (docs/reference/policies.md): whom a question goes to, and what a permit demands. */

/** A question to people. */
export interface Terms {
  readonly approvers: readonly string[];
  readonly expiresSeconds: number;
  /** Absent: one. */
  readonly people?: number;
  readonly escalation?: Escalation;
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

export function termsOf(policies: readonly ReadPolicy[]): Terms {
  const said = policies.map(({ json }) => json.annotations ?? {});
  const approvers = unique(said.flatMap(({ approver }) => listed(approver)));
  const limits = said.flatMap(({ expires }) => seconds(expires) ?? []);
  const people = Math.max(1, ...said.map(({ people: count }) => peopleIn(count)));
  const later = said.flatMap(({ escalate }) => escalationIn(escalate) ?? []);
  return terms(
    approvers.length === 0 ? ['operator'] : approvers,
    Math.min(secondsMax, ...(limits.length === 0 ? [secondsDefault] : limits)),
    people,
    later.length === 0
      ? undefined
      : {
          afterSeconds: Math.min(...later.map(({ afterSeconds }) => afterSeconds)),
          approvers: unique(later.flatMap(one => one.approvers)),
        },
  );
}

/** One question for several agents of a chain: whom all of them name, the most people, the shortest time. */
export function termsOfAll(all: readonly Terms[]): Terms {
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  const both = inAll(all.map(({ approvers }) => approvers));
  const wanted = all.map(({ people = 1 }) => people);
  const expires = Math.min(...all.map(({ expiresSeconds }) => expiresSeconds));
  // Nobody may answer for all of them: as many people are needed as they want together.
  if (both.length === 0)
    return terms(
      unique(all.flatMap(({ approvers }) => approvers)),
      expires,
      wanted.reduce((sum, count) => sum + count, 0),
      undefined,
    );
  const later = all.flatMap(({ escalation }) => escalation ?? []);
  const others = inAll(later.map(({ approvers }) => approvers));
  const escalates = later.length === all.length && others.length > 0;
  const after = Math.max(...later.map(({ afterSeconds }) => afterSeconds));
  return terms(both, expires, Math.max(...wanted), escalates ? { afterSeconds: after, approvers: others } : undefined);
}

function terms(
  approvers: readonly string[],
  expiresSeconds: number,
  people: number,
  escalation: Escalation | undefined,
): Terms {
  return {
    ...{ approvers, expiresSeconds },
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

const neverByClient: ReadonlySet<string> = new Set(['money', 'destructive', 'code', 'admin']);

/** Where one person is asked, about nothing grave, and every policy that looks at the approval says so. */
export function clientMayAnswer(
  policies: readonly ReadPolicy[],
  { people = 1 }: Terms,
  classes: readonly string[],
): boolean {
  if (people > 1 || classes.some(name => neverByClient.has(name))) return false;
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

function inAll(lists: readonly (readonly string[])[]): readonly string[] {
  return (lists[0] ?? []).filter(name => lists.every(list => list.includes(name)));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
