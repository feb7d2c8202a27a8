import { sensitivitiesLowestFirst, sensitivityRank } from '@sallyport/core/model/sensitivity.ts';
import type { Manifest, Task, TaskLimits } from '@sallyport/core/model/task.ts';
import { type Bounds, delegate, type Wanted } from '@sallyport/core/task/delegate.ts';
import { plus } from '@sallyport/core/task/limits.ts';
import { contains, type Touched } from '@sallyport/core/task/manifest.ts';
import { fakeLimits, fakeTask, fakeUse } from '../fakes/task.ts';
import type { Random } from '../random.ts';

/**
 * Random chains of delegation, in which every link asks for whatever it likes. What is refused is fine; what is granted
 * is held against every task above it, by looking at single things rather than by comparing patterns once more.
 */
export interface ChainCount {
  chains: number;
  links: number;
  granted: number;
  refused: number;
}

export const noChains = (): ChainCount => ({ chains: 0, links: 0, granted: 0, refused: 0 });

const tools = ['files/*', 'files/read', 'files/write', 'mail/*', 'mail/send', 'web/get'];
const resources = ['/a/*', '/a/b', '/a/b/*', '/c', '/*'];
const destinations = [
  '*.example.org',
  'a.example.org',
  '*.a.example.org',
  '*@example.org',
  'x@example.org',
  'evil.test',
];
const segments = ['office', 'bank', 'web'];
const servers = ['files', 'mail', 'web'];

/** Single things, each of which a manifest names or does not. */
const things: readonly Touched[] = [
  'files/read',
  'files/write',
  'files/x',
  'mail/send',
  'mail/read',
  'web/get',
].flatMap(tool =>
  ['/a/b', '/a/z', '/a/b/c', '/c', '/d', '/a/../d'].flatMap(resource =>
    ['a.example.org', 'b.example.org', 'x.a.example.org', 'x@example.org', 'evil.test'].map(destination => ({
      tool,
      resources: [resource],
      destinations: [destination],
    })),
  ),
);

/** One chain. Throws, saying what, if anything is wider than what is above it. */
export function tryChain(random: Random, count: ChainCount): void {
  count.chains += 1;
  let now = 1_000_000 + random.below(50_000);
  const chain: Task[] = [root(random)];
  for (let link = 0; link < 5; link++) {
    const parent = chain.at(-1) as Task;
    const reserved = random.chance(0.3) ? fakeUse({ calls: random.below(4), bytes: random.below(500) }) : fakeUse();
    const asked = wanted(random, parent);
    count.links += 1;
    const made = delegate(parent, reserved, asked, now);
    if (!made.ok) {
      count.refused += 1;
      continue;
    }
    count.granted += 1;
    const child = childOf(parent, made.bounds, now, `agent-${chain.length}`);
    const given = {
      calls: child.limits.callsMax,
      bytes: child.limits.bytesMax,
      spendCents: child.limits.spendCentsMax,
    };
    const lending = { ...parent, lent: plus(parent.lent, given) };
    chain[chain.length - 1] = lending;
    const total = plus(plus(lending.used, lending.lent), reserved);
    if (
      total.calls > lending.limits.callsMax ||
      total.bytes > lending.limits.bytesMax ||
      total.spendCents > lending.limits.spendCentsMax
    )
      throw new Error('more was handed out than there is');
    for (const above of chain) assertWithin(child, above, random);
    chain.push(child);
    now += random.below(3_000);
  }
}

function root(random: Random): Task {
  return {
    ...fakeTask,
    kind: 'opened',
    agent: 'agent-0',
    opener: random.pick(['operator', 'principal', 'workload', 'claimed', 'gateway']),
    manifest: manifest(random, 0.4),
    ceiling: random.pick(sensitivitiesLowestFirst),
    segments: random.chance(0.1) ? undefined : some(segments, random),
    audience: random.chance(0.5) ? undefined : some(servers, random),
    limits: fakeLimits({ depthMax: random.below(5), ...(random.chance(0.5) ? { idleSecondsMax: 30 } : {}) }),
    used: fakeUse({ calls: random.below(20), bytes: random.below(9_000), spendCents: random.below(900) }),
    openedAt: 990_000,
  };
}

function wanted(random: Random, parent: Task): Wanted {
  // Half of the time something that may well be granted, or no chain would ever become long.
  const tame = random.chance(0.6);
  const limits: Partial<TaskLimits> = tame
    ? {}
    : Object.fromEntries(
        (['callsMax', 'bytesMax', 'spendCentsMax', 'secondsMax', 'depthMax', 'idleSecondsMax'] as const)
          .filter(() => random.chance(0.3))
          .map(name => [name, random.pick([0, 1, 2, 30, 100, 3_600, 100_000, Number.MAX_SAFE_INTEGER, Number.NaN])]),
      );
  return {
    manifest: tame ? narrower(parent.manifest, random) : manifest(random, 0.4),
    ceiling: tame ? undefined : random.pick([undefined, ...sensitivitiesLowestFirst]),
    segments: random.chance(tame ? 0.9 : 0.4) ? undefined : some(segments, random),
    audience: random.chance(tame ? 0.9 : 0.4) ? undefined : some(servers, random),
    limits,
  };
}

function manifest(random: Random, unstated: number): Manifest {
  const part = (words: readonly string[]) => (random.chance(unstated) ? undefined : some(words, random));
  return { tools: part(tools), resources: part(resources), destinations: part(destinations) };
}

function narrower(parent: Manifest, random: Random): Manifest {
  const part = (words: readonly string[] | undefined) => words?.filter(() => random.chance(0.8));
  return { tools: part(parent.tools), resources: part(parent.resources), destinations: part(parent.destinations) };
}

function some(words: readonly string[], random: Random): string[] {
  return words.filter(() => random.chance(0.5));
}

function childOf(parent: Task, bounds: Bounds, now: number, agent: string): Task {
  const { id } = parent;
  return { ...fakeTask, ...bounds, kind: 'opened', agent, parent: id, openedAt: now, used: fakeUse() };
}

function assertWithin(child: Task, above: Task, random: Random): void {
  const { limits } = child;
  const wide = (what: string): Error => new Error(`${what} is wider than above: ${JSON.stringify([child, above])}`);
  const bounded = (['tools', 'resources', 'destinations'] as const).some(part => above.manifest[part] !== undefined);
  for (let n = 0; n < 12; n++) {
    const thing = random.pick(things);
    if (bounded && contains(child.manifest, thing) && !contains(above.manifest, thing)) throw wide('manifest');
  }
  if (sensitivityRank(child.ceiling) > sensitivityRank(above.ceiling)) throw wide('ceiling');
  if (child.segments?.every(word => above.segments?.includes(word)) !== true) throw wide('segments');
  if (above.audience !== undefined && child.audience?.every(word => above.audience?.includes(word)) !== true)
    throw wide('audience');
  for (const name of ['callsMax', 'spendCentsMax', 'bytesMax'] as const)
    if (!(limits[name] >= 0 && limits[name] <= above.limits[name])) throw wide(name);
  if (!(limits.depthMax < above.limits.depthMax && child.depth > above.depth)) throw wide('depth');
  if (!(child.openedAt + limits.secondsMax * 1000 <= above.openedAt + above.limits.secondsMax * 1000))
    throw wide('time');
  if (
    !((limits.idleSecondsMax ?? Number.POSITIVE_INFINITY) <= (above.limits.idleSecondsMax ?? Number.POSITIVE_INFINITY))
  )
    throw wide('idle time');
  if ((above.opener === 'claimed' || above.opener === 'gateway') && child.opener !== 'claimed') throw wide('opener');
}
