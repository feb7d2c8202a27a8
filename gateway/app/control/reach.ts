import { withEndorsementsFor } from '@sallyport/core/mediate/endorsed.ts';
import { gather } from '@sallyport/core/mediate/gather.ts';
import type { Flow, SharedStores, World } from '@sallyport/core/mediate/ports.ts';
import { inheritedBy } from '@sallyport/core/mediate/resource.ts';
import { type Digest, makeAction } from '@sallyport/core/model/action.ts';
import type { Actor, Agent } from '@sallyport/core/model/agent.ts';
import { methodOf } from '@sallyport/core/model/call.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import { modeFor, verdictOf } from '@sallyport/core/policy/mode.ts';
import type { Done, ReachQuery } from '../../api/control.ts';
import type { ReachedTool, ReachView } from '../../api/view/reach.ts';
import { wrong } from '../../tasks/order.ts';
import { credentialsIn, type ServerConfig } from '../../upstreams/config.ts';

export interface ReachPorts {
  readonly agents: readonly Agent[];
  readonly taskOf: (id: string) => Task | undefined;
  /** The agent's ambient task as it stands, or a new one. */
  readonly standsIn: (agent: Agent) => Task;
  readonly world: () => World;
  readonly servers: readonly ServerConfig[];
  readonly actorsOf: (task: Task) => readonly Actor[];
  readonly isStopped: (task: Task, agent: Agent, server: string) => boolean;
  readonly flow: Pick<Flow, 'look'>;
  readonly stores: SharedStores;
  readonly digest: Digest;
  readonly now: () => Instant;
}

/** What somebody who holds an agent, a server (or one of its tools) or a credential could reach through this gateway. */
export function createReach(ports: ReachPorts): (query: ReachQuery) => Promise<Done<ReachView>> {
  return async ({ agent: id, task: taskId, server, credential }) => {
    if (id !== undefined) {
      const agent = ports.agents.find(each => each.id === id);
      if (agent === undefined) return noAgent(id, ports);
      const task = taskId === undefined ? ports.standsIn(agent) : ports.taskOf(taskId);
      if (task === undefined || task.agent !== agent.id)
        return wrong('not-found', 'task', 'is no task of this agent', `see: sallyport tasks --agent ${agent.id}`);
      return { ok: true, value: { agents: [reachedBy(agent, task, ports)] } };
    }
    const holders = ports.servers.filter(
      each => each.id === server || credentialsOf(each.id, ports).includes(credential ?? ''),
    );
    if (holders.length === 0)
      return server === undefined ? noCredential(credential ?? '', ports) : noServer(server, ports);
    return {
      ok: true,
      value: {
        holds: holders.map(each => heldBy(each, ports)),
        agents: ports.agents.flatMap(agent => listening(agent, holders, ports)),
      },
    };
  };
}

/** What such a server has of its own, whatever the gateway says: it needs no agent to use that. */
function heldBy({ id, segment }: ServerConfig, ports: ReachPorts): NonNullable<ReachView['holds']>[number] {
  return { server: id, segment, credentials: credentialsOf(id, ports) };
}

/** An agent that may call one of them reads what it says, and stands in its segment while it does. */
function listening(agent: Agent, holders: readonly ServerConfig[], ports: ReachPorts): ReachView['agents'] {
  const world = ports.world();
  const heard = holders.filter(({ id }) => {
    const tools = [...(world.catalogue.servers.get(id)?.tools.values() ?? [])];
    return tools.some(tool => reachedTool(agent, ports.standsIn(agent), tool, world, ports).reach !== 'no');
  });
  if (heard.length === 0) return [];
  const task = ports.standsIn(agent);
  const labels: Task['labels'] = new Set([...task.labels, 'untrusted'] as const);
  const segments = task.segments ?? [...new Set(heard.map(({ segment }) => segment))];
  return [reachedBy(agent, { ...task, labels, segments }, ports)];
}

function reachedBy(agent: Agent, task: Task, ports: ReachPorts): ReachView['agents'][number] {
  return {
    agent: agent.id,
    task: task.id,
    kind: task.kind,
    ...(task.segments === undefined ? {} : { standsIn: task.segments }),
    segments: reachOf(agent, task, ports),
  };
}

function noAgent(id: string, { agents }: ReachPorts): Done<never> {
  const known = agents.map(each => each.id);
  return wrong('not-found', 'agent', `is no configured agent${didYouMean(id, known)}`, 'see: sallyport agents ls');
}

function noServer(id: string, { servers }: ReachPorts): Done<never> {
  const known = servers.map(each => each.id);
  return wrong('not-found', 'server', `is no configured server${didYouMean(id, known)}`, 'see: sallyport status');
}

function noCredential(name: string, ports: ReachPorts): Done<never> {
  const known = ports.servers.flatMap(each => credentialsOf(each.id, ports));
  const message = `is no credential that a server is given${didYouMean(name, known)}`;
  return wrong('not-found', 'credential', message, 'see: sallyport credentials');
}

/**
 * What somebody who holds this agent could do from where it stands, with arguments of their choosing: for every tool what
 * would be decided now, by the line's own functions. A rule that looks at arguments cannot be settled without them; it is
 * shown as such and never as a wall. Nothing is performed or recorded.
 */
function reachOf(agent: Agent, task: Task, ports: ReachPorts): ReachView['agents'][number]['segments'] {
  const world = ports.world();
  const segments = new Map<string, { segment: string; here: boolean; servers: Map<string, ReachedTool[]> }>();
  for (const server of world.catalogue.servers.values())
    for (const tool of server.tools.values()) {
      const here = task.segments === undefined || task.segments.includes(tool.segment);
      const held = segments.get(tool.segment) ?? { segment: tool.segment, here, servers: new Map() };
      segments.set(tool.segment, held);
      const tools = held.servers.get(server.id) ?? [];
      held.servers.set(server.id, tools);
      tools.push(reachedTool(agent, task, tool, world, ports));
    }
  return [...segments.values()]
    .sort((a, b) => Number(b.here) - Number(a.here))
    .map(({ servers, ...segment }) => ({
      ...segment,
      servers: [...servers].map(([id, tools]) => ({ id, credentials: credentialsOf(id, ports), tools })),
    }));
}

function reachedTool(agent: Agent, task: Task, tool: Tool, world: World, ports: ReachPorts): ReachedTool {
  const name = toolKey(tool.server, tool.name);
  if (ports.isStopped(task, agent, tool.server)) return { tool: name, reach: 'no', rules: ['stopped'] };
  const method = methodOf(tool.name);
  const action = makeAction({ method, server: tool.server, name: tool.name, input: emptyObject }, tool, ports.digest);
  const endorsed = withEndorsementsFor(task, action, ports.now());
  const looked = ports.flow.look(endorsed, action);
  const held = inheritedBy(action, undefined, ports.stores);
  const actors = ports.actorsOf(task);
  const request = gather({ agent, task: endorsed, action, looked, now: ports.now(), actors, held });
  const { decision } = decide(request, false, world.engine);
  const rules = decision.reasons.map(({ rule }) => rule);
  if (decision.answer === 'deny' && decision.fault) return { tool: name, reach: 'depends', rules };
  const verdict = verdictOf(decision, modeFor(world.modes, agent, tool));
  const reach = verdict.kind === 'pass' ? 'free' : verdict.kind === 'defer' ? 'ask' : 'no';
  return { tool: name, reach, rules };
}

function credentialsOf(server: string, { servers }: ReachPorts): readonly string[] {
  const launch = servers.find(({ id }) => id === server)?.launch;
  return launch === undefined ? [] : [...new Set(credentialsIn(launch))];
}
