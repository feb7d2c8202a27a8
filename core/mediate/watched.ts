import type { Step } from '../behaviour/step.ts';
import type { Action, Digest } from '../model/action.ts';
import { calm, type Risk } from '../model/risk.ts';
import type { Task } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';
import type { PolicyRequest } from '../policy/engine.ts';
import { sinksOf } from '../provenance/call/sinks.ts';
import { bareAddress, hostIn } from '../provenance/spelling/shape.ts';
import type { LinePorts } from './ports.ts';

/** A request with how its action looks beside what its agent usually does. */
export interface Watched {
  readonly request: PolicyRequest;
  readonly step: Step;
  readonly risk: Risk;
}

/** What is beyond this is not compared with anything. */
const destinationsMax = 8;
/** 132 bits: enough to tell places apart, and less for the record to carry. */
const digestChars = 22;

/** Synchronous and quick: only names, counts and digests are compared, never a value. */
export function watched(
  request: PolicyRequest,
  task: Task,
  action: Action,
  bytes: number,
  { behaviour, digest }: Pick<LinePorts, 'behaviour' | 'digest'>,
): Watched {
  const step: Step = {
    task: task.id,
    agent: request.agent.id,
    kind: task.kind,
    tool: toolKey(action.server, action.tool.name),
    classes: action.tool.classes,
    digest: action.digest,
    destinations: destinationDigests(request, action, digest),
    outside: isOutside(request),
    bytes,
    at: request.env.now,
  };
  const risk = behaviour.look(step);
  if (risk === calm) return { request, step, risk };
  const facts = { score: risk.score, signals: risk.signals.map(({ name }) => name) };
  return { request: { ...request, risk: facts }, step, risk };
}

/** Host or address, not the whole link: what is usual is where something goes, not each page there. */
function destinationDigests({ flow }: PolicyRequest, { tool, input }: Action, digest: Digest): readonly string[] {
  if (!flow.ways.some(({ role }) => role === 'destination')) return [];
  const places = new Set<string>();
  for (const { role, shape, folded } of sinksOf(tool, input).sinks)
    if (role === 'destination' && places.size < destinationsMax)
      places.add(shape === 'url' || shape === 'host' ? hostIn(folded) : bareAddress(folded));
  return [...places].map(place => digest(`sallyport destination v1\n${place}`).slice(0, digestChars));
}

/**
 * Reading is free where no manifest is stated: what the principal's words do not speak of is then outside only if it
 * does more.
 */
function isOutside({ task, tool }: PolicyRequest): boolean {
  if (task.hasManifest) return !task.inManifest;
  const onlyReads = tool.classes.every(name => name === 'read');
  return task.hasPurpose && !task.related && !task.delegated && !onlyReads;
}
