import { emptyObject } from '../model/json.ts';
import type { Label } from '../model/label.ts';
import type { Price } from '../model/price.ts';
import { isReadersLabel } from '../model/readers-label.ts';
import type { Manifest, Task } from '../model/task.ts';
import { type ActionClass, actionClasses, type Catalogue, type Tool, toolKey } from '../model/tool.ts';
import { decide } from '../policy/decide.ts';
import { noRisk, type PolicyEngine, type PolicyRequest } from '../policy/engine.ts';
import { flowFacts } from '../provenance/facts.ts';
import { nothingLooked } from '../provenance/memories.ts';
import { covers } from '../task/manifest.ts';
import type { World } from './ports.ts';

/**
 * The price of a step: a small automaton. Its states are sets of labels, its letters the classes of tools that the task is expected to use (by its
 * manifest; all of them where it has none). Each is asked about with values that are the principal's own and without words
 * that ask for it, so it is what changes for the rest of the task. A forecast for people, agents and policies: nothing is
 * permitted by it, and every call is decided when it comes.
 *
 * `brought`: the labels that come with the step. Where they are all there already it costs nothing, and nothing is asked.
 */
export function priceOf(request: PolicyRequest, brought: readonly Label[], task: Task, world: World): Price {
  const before = request.flow.labels;
  // Who may see something weighs where something goes, which nobody knows yet.
  const isFresh = (label: Label): boolean => !before.includes(label) && !isReadersLabel(label);
  if (!brought.some(isFresh)) return none;
  const fresh = brought.filter(isFresh);
  const prices = known.get(world.engine) ?? new Map<string, Price>();
  known.set(world.engine, prices);
  const key = keyOf(request, fresh, task.manifest);
  const found = prices.get(key);
  if (found !== undefined) return found;
  const made = workOut(request, fresh, task.manifest, world);
  if (prices.size >= rememberedMax) prices.clear();
  prices.set(key, made);
  return made;
}

const none: Price = [];

/** Tools of the same classes that are asked about: one may be forbidden by its name. */
const likesMax = 4;
/** Of one policy set; beyond, it is worked out anew. */
const rememberedMax = 1_024;

const known = new WeakMap<PolicyEngine, Map<string, Price>>();

/** The request with what its action would cost. */
export function priced(request: PolicyRequest, brought: readonly Label[], task: Task, world: World): PolicyRequest {
  const cost = priceOf(request, brought, task, world);
  return cost.length === 0 ? request : { ...request, flow: { ...request.flow, cost } };
}

/** All that the forecast rests on. What changes from call to call is left out of it, and the time counts by the minute. */
function keyOf(
  { agent, actors, task, flow, env }: PolicyRequest,
  fresh: readonly Label[],
  { tools }: Manifest,
): string {
  const { kind, openerProof, hasManifest, hasPurpose, depth, ceiling, principal } = task;
  const standing = [kind, openerProof, hasManifest, hasPurpose, depth, ceiling, principal];
  const who = [agent.id, agent.proof, agent.trust, actors?.map(({ id, asks }) => [id, asks])];
  return JSON.stringify([
    who,
    standing,
    tools,
    [...flow.labels].sort(),
    [...fresh].sort(),
    Math.floor(env.now / 60_000),
  ]);
}

function workOut(request: PolicyRequest, fresh: readonly Label[], manifest: Manifest, world: World): Price {
  const price = new Set<string>();
  for (const likes of likesIn(world.catalogue, manifest).values()) {
    const asked = likes.slice(0, likesMax).map(tool => ({ tool, answer: answerTo(request, tool, [], world.engine) }));
    const [best] = asked.sort((a, b) => rankOf(a.answer) - rankOf(b.answer));
    if (best === undefined || best.answer === 'deny') continue;
    const answer = answerTo(request, best.tool, fresh, world.engine);
    if (rankOf(answer) > rankOf(best.answer)) for (const name of tellingOf(best.tool)) price.add(`${name}:${answer}`);
  }
  return [...price].sort((a, b) => classRank(a) - classRank(b));
}

/** Tools that the task is expected to use, by what they can do. */
function likesIn(catalogue: Catalogue, { tools: named }: Manifest): Map<string, Tool[]> {
  const all = [...catalogue.servers.values()].flatMap(({ tools }) => [...tools.values()]);
  const expected = all.filter(
    ({ server, name, status }) =>
      status.kind === 'pinned' &&
      !name.startsWith('mcp:') &&
      (named?.some(pattern => covers('tools', pattern, toolKey(server, name))) ?? true),
  );
  return Map.groupBy(expected, ({ classes }) => classes.join());
}

type Answer = 'permit' | 'ask' | 'deny';

function answerTo(request: PolicyRequest, tool: Tool, fresh: readonly Label[], engine: PolicyEngine): Answer {
  const labels = new Set([...request.flow.labels, ...fresh]);
  const { hasManifest } = request.task;
  const task = {
    ...request.task,
    ...{
      inManifest: hasManifest,
      asked: hasManifest,
      related: hasManifest,
      delegated: false,
      crossesSegment: false,
      costCents: 0,
    },
  };
  const supposed = { ...request, tool, input: emptyObject, task, flow: flowFacts(labels, nothingLooked), risk: noRisk };
  return decide(supposed, false, engine).decision.answer;
}

function rankOf(answer: Answer): number {
  return ['permit', 'ask', 'deny'].indexOf(answer);
}

/** All but reading is a `write` as well: it says something only where it stands alone. */
function tellingOf({ classes }: Tool): readonly ActionClass[] {
  const telling = classes.filter(name => name !== 'write' && name !== 'read');
  return telling.length > 0 ? telling : classes;
}

function classRank(priced: string): number {
  return actionClasses.findIndex(name => priced.startsWith(`${name}:`));
}
