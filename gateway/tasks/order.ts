import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { Manifest, TaskLimits } from '@sallyport/core/model/task.ts';
import { widened } from '@sallyport/core/task/limits.ts';
import { isStated, manifestParts, patternFault } from '@sallyport/core/task/manifest.ts';
import type { ApiError, Done, TaskOrder } from '../api/control.ts';

const purposeCharsMax = 4_000;
/** Items of each list of a manifest. */
const manifestItemsMax = 256;
/** How long an opened task lasts if whoever opens it does not say. */
const openedSecondsDefault = 8 * 3600;

/** What an order is held against: the configured agents, and the tools there are. */
export interface OrderFacts {
  readonly principalOf: (agent: string) => string | undefined;
  readonly agents: () => Iterable<string>;
  readonly servers: () => Iterable<string>;
  readonly segments: () => Iterable<string>;
  /** `server/name` of every tool in the catalogue. */
  readonly toolKeys: () => Iterable<string>;
  /** The most that a task may get. */
  readonly limits: TaskLimits;
}

export interface CheckedOrder {
  readonly agent: string;
  readonly principal: string;
  readonly purpose: string;
}

/** Holds an operator's order against what is configured; each error names the field. */
export function checkOrder(order: TaskOrder, facts: OrderFacts): Done<CheckedOrder> {
  const configured = facts.principalOf(order.agent);
  if (configured === undefined)
    return wrong('not-found', 'agent', `is no configured agent${didYouMean(order.agent, facts.agents())}`);
  const principal = order.principal ?? configured;
  if (!/^[^\s\p{C}]{1,128}$/u.test(principal))
    return wrong('malformed', 'principal', 'must be 1 to 128 visible characters, such as user:emma');
  if (order.purpose.length > purposeCharsMax)
    return wrong('malformed', 'purpose', `must not be longer than ${purposeCharsMax} characters`);
  if (order.kind !== 'ambient' && order.purpose.trim() === '')
    return wrong('malformed', 'purpose', 'must say what the task is for, in the words of whoever it runs for');
  if (order.kind === 'ambient' && (order.purpose !== '' || isStated(order.manifest)))
    return wrong('malformed', 'kind', 'an ambient task has neither purpose nor manifest');
  const stray = straySegment(order, facts) ?? strayServer(order.audience ?? [], facts);
  if (stray !== undefined) return stray;
  const fault = checkManifest(order.manifest, facts);
  if (fault !== undefined) return { ok: false, error: fault };
  return { ok: true, value: { agent: order.agent, principal, purpose: order.purpose } };
}

/** What an order says of limits, within `most`; what it does not say is the default. */
export function limitsFor(kind: 'opened' | 'ambient', wanted: Partial<TaskLimits>, most: TaskLimits): Done<TaskLimits> {
  const limits = { ...(kind === 'ambient' ? most : openedDefaults(most)), ...wanted };
  const wide = widened(most, limits);
  if (wide === undefined) return { ok: true, value: limits };
  const message = `must be at most ${most[wide]}`;
  return wrong('malformed', `limits.${wide}`, message, 'the configuration sets the most that a task may get');
}

function openedDefaults(most: TaskLimits): TaskLimits {
  return { ...most, secondsMax: Math.min(most.secondsMax, openedSecondsDefault) };
}

/** What is wrong with a manifest, held against what there is. */
export function checkManifest(manifest: Manifest, facts: OrderFacts): ApiError | undefined {
  for (const part of manifestParts) {
    const words = manifest[part] ?? [];
    if (words.length > manifestItemsMax)
      return { code: 'malformed', field: part, message: `must not name more than ${manifestItemsMax} ${part}` };
    for (const [index, word] of words.entries()) {
      const message = patternFault(part, word);
      if (message !== undefined) return { code: 'malformed', field: `${part}[${index}]`, message };
    }
  }
  return checkTools(manifest.tools ?? [], facts);
}

function strayServer(audience: readonly string[], { servers }: OrderFacts): { ok: false; error: ApiError } | undefined {
  const known = [...servers()];
  const index = audience.findIndex(id => !known.includes(id));
  if (index < 0) return undefined;
  const message = `is no configured server${didYouMean(audience[index] ?? '', known)}`;
  return wrong('not-found', `audience[${index}]`, message, 'see: sallyport status');
}

/** A segment that does not exist holds nothing: every call would be a step out of it. */
function straySegment(
  { agent, segments: wanted = [] }: TaskOrder,
  { segments }: OrderFacts,
): { ok: false; error: ApiError } | undefined {
  const known = [...segments()];
  const index = wanted.findIndex(name => !known.includes(name));
  if (index < 0) return undefined;
  const message = `is no segment${didYouMean(wanted[index] ?? '', known)}`;
  return wrong('not-found', `segments[${index}]`, message, `see: sallyport can ${agent}`);
}

/** A tool that does not exist would silently grant nothing; a server that is not reached yet is taken at its word. */
function checkTools(tools: readonly string[], facts: OrderFacts): ApiError | undefined {
  const keys = [...facts.toolKeys()];
  const reached = new Set(keys.map(serverIn));
  const known = new Set([...reached, ...facts.servers()]);
  for (const [index, tool] of tools.entries()) {
    const server = serverIn(tool);
    const isThere = reached.has(server) ? tool.endsWith('/*') || keys.includes(tool) : known.has(server);
    if (isThere) continue;
    const message = reached.has(server)
      ? `is no tool of that server${didYouMean(tool, keys)}`
      : `is of no configured server${didYouMean(server, known)}`;
    return { code: 'not-found', field: `tools[${index}]`, message, fix: 'see: sallyport tools ls' };
  }
  return undefined;
}

function serverIn(toolKey: string): string {
  return toolKey.slice(0, toolKey.indexOf('/'));
}

export function wrong(
  code: ApiError['code'],
  field: string,
  message: string,
  fix?: string,
): { ok: false; error: ApiError } {
  return { ok: false, error: { code, field, message, ...(fix === undefined ? {} : { fix }) } };
}
