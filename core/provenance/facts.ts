import { type Label, type Origin, originsBestFirst, worstOrigin } from '../model/label.ts';
import { isReadersLabel } from '../model/readers-label.ts';
import { manyTenants, tenantsIn } from '../model/tenant-label.ts';
import { backingsBestFirst, type Role, type Way } from '../model/way.ts';
import type { FlowFacts } from '../policy/engine.ts';
import { outsidersLeastFirst } from './flow/outsiders.ts';
import { highestRank, ranksOf } from './labels/label.ts';
import type { Looked } from './memories.ts';

/** `context.flow`: what the task has read, where the values of this call come from, and what its result will be marked with. */
export function flowFacts(
  labels: ReadonlySet<Label>,
  looked: Looked,
  yields: readonly Label[] = [],
  handles: readonly string[] = [],
): FlowFacts {
  const { ways, all, isNew } = looked;
  const { integrity, sensitivity, sensitivityKnown } = ranksOf(labels);
  const tenants = tenantsIn(labels);
  return {
    labels: withoutReaders(labels),
    tenants,
    mixesTenants: tenants.length > 1 || labels.has(manyTenants),
    outsiders: outsidersLeastFirst.indexOf(looked.outsiders),
    untrusted: labels.has('untrusted'),
    integrity,
    sensitivity,
    sensitivityKnown,
    cost: nothing,
    leaving: looked.leaving.rank,
    yields: highestRank(yields),
    ...factsOfWays(ways, all),
    destinationIsNew: isNew,
    told: looked.told,
    secret: looked.leaving.secret,
    handles,
    elsewhere: looked.place.elsewhere || looked.tellsOfSomebody,
    strayed: looked.place.strayed,
  };
}

type WayFacts = Pick<
  FlowFacts,
  'worstOrigin' | 'sinkOrigins' | 'destinations' | 'objects' | 'amounts' | 'commands' | 'contents' | 'arg' | 'ways'
>;

function factsOfWays(ways: readonly Way[], all: boolean): WayFacts {
  const origins = originsOf(ways, all);
  const worst = worstOrigin(origins);
  return {
    worstOrigin: worst === undefined ? 0 : originsBestFirst.indexOf(worst),
    sinkOrigins: origins,
    destinations: worstBacking(ways, 'destination', all),
    objects: Math.max(worstBacking(ways, 'object', all), chosenByText(ways)),
    amounts: worstBacking(ways, 'amount', all),
    commands: worstBacking(ways, 'command', all),
    contents: worstBacking(ways, 'content', all),
    arg: originsByArgument(ways),
    ways,
  };
}

/** The facts as they would be if there were doubt about these of a call's values alone, and the principal had said all others. */
export function withDoubtOnly(flow: FlowFacts, doubted: readonly Way[]): FlowFacts {
  const kept = new Set(doubted);
  const ways = flow.ways.map(way =>
    way.backing === 'principal' || kept.has(way) ? way : ({ ...way, backing: 'principal', origin: 'prompt' } as const),
  );
  const goesSomewhere = doubted.some(({ role, backing }) => role === 'destination' && backing !== 'principal');
  return { ...flow, ...factsOfWays(ways, true), destinationIsNew: flow.destinationIsNew && goesSomewhere };
}

const nothing: readonly never[] = [];

/**
 * Of all values with this role the rank of the worst backing; of the best there is where no value has the role. Values beyond the limit
 * were not looked at: nobody stands behind them.
 */
function worstBacking(ways: readonly Way[], role: Role, all: boolean): number {
  let worst = all ? 0 : backingsBestFirst.indexOf('nobody');
  for (const way of ways) if (way.role === role) worst = Math.max(worst, backingsBestFirst.indexOf(way.backing));
  return worst;
}

/** Of the values that decide something, each once. Values beyond the limit were not looked at: they come from nowhere that is known. */
function originsOf(ways: readonly Way[], all: boolean): readonly Origin[] {
  const origins: Origin[] = [];
  for (const { role, origin } of ways)
    if (role !== 'content' && role !== 'choice' && role !== 'plain' && !origins.includes(origin)) origins.push(origin);
  if (!all && !origins.includes('unknown')) origins.push('unknown');
  return origins;
}

/** Who may see it is told by `outsiders`: names of readers are digests, which say nothing. */
function withoutReaders(labels: ReadonlySet<Label>): readonly Label[] {
  const others: Label[] = [];
  for (const label of labels) if (!isReadersLabel(label)) others.push(label);
  return others;
}

/** What an agent chooses out of its own head is nothing to ask about; what it chooses out of somebody's text is. */
function chosenByText(ways: readonly Way[]): number {
  for (const { role, backing } of ways)
    if (role === 'choice' && backing === 'text') return backingsBestFirst.indexOf('text');
  return 0;
}

/** The worst origin among the values of each argument. */
export function originsByArgument(ways: readonly Way[]): Record<string, Origin> {
  const [only] = ways;
  if (only === undefined) return {};
  if (ways.length === 1) return { [nameIn(only.argument)]: only.origin };
  const found = new Map<string, Origin>();
  for (const { argument, origin } of ways) {
    const name = nameIn(argument);
    const before = found.get(name);
    if (before === undefined || isWorse(origin, before)) found.set(name, origin);
  }
  return Object.fromEntries(found);
}

/** `recipients` of `recipients[0]` and of `recipients (link)`. */
export function nameIn(argument: string): string {
  for (let at = 0; at < argument.length; at++) {
    const sign = argument[at];
    if (sign === '.' || sign === '[' || sign === ' ') return argument.slice(0, at);
  }
  return argument;
}

function isWorse(one: Origin, other: Origin): boolean {
  return originsBestFirst.indexOf(one) > originsBestFirst.indexOf(other);
}
