import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import type { Random } from '../random.ts';
import { castAgents, castTools } from './cast.ts';
import type { Expression, Limit, Name } from './model.ts';

const classes = ['support', 'coder', 'nobody'];
const teams = ['north', 'south'];
const servers = ['files', 'bank', 'mail', 'web', 'shell'];
const segments = ['files', 'finance', 'mail', 'nowhere'];
const groups = ['read', 'write', 'money', 'destructive', 'egress', 'code', 'message', 'admin'];
const agents = castAgents.map(({ id }) => id);
const tools = castTools.map(({ tool }) => toolId(tool));

export function toolId({ server, name }: Tool): string {
  return toolKey(server, name);
}

export const anyLimit: Limit = { kind: 'any' };

function equals(type: string, id: string): Limit {
  return { kind: 'equals', name: { type, id } };
}

function within(...names: Name[]): Limit {
  return { kind: 'in', names };
}

export function randomPrincipal(random: Random): Limit {
  return random.pick<() => Limit>([
    () => equals('Agent', random.pick(agents)),
    () => within({ type: 'AgentClass', id: random.pick(classes) }),
    () => within({ type: 'Team', id: random.pick(teams) }),
    () => ({ kind: 'is', type: 'Agent' }),
    () => ({ kind: 'is', type: 'Agent', in: { type: 'AgentClass', id: random.pick(classes) } }),
    () => ({ kind: 'is', type: random.chance(0.2) ? 'Team' : 'Agent' }),
  ])();
}

export function randomAction(random: Random): Limit {
  const one = (): Name => ({ type: 'Action', id: random.chance(0.4) ? random.pick(tools) : random.pick(groups) });
  return random.pick<() => Limit>([
    () => equals('Action', random.pick(tools)),
    () => within(one()),
    () => within(one(), one()),
    () => within(one(), one(), one()),
  ])();
}

export function randomResource(random: Random): Limit {
  return random.pick<() => Limit>([
    () => equals('Tool', random.pick(tools)),
    () => within({ type: 'Server', id: random.pick(servers) }),
    () => within({ type: 'Segment', id: random.pick(segments) }),
    () => ({ kind: 'is', type: 'Tool', in: { type: 'Segment', id: random.pick(segments) } }),
  ])();
}

/** The right side of `in`. */
export function groupOf(random: Random): Expression {
  return random.chance(0.7) ? named(random) : { kind: 'set', items: [named(random), named(random)] };
}

export function named(random: Random): Expression {
  return random.pick<Expression>([
    { kind: 'named', type: 'Agent', id: random.pick(agents) },
    { kind: 'named', type: 'Tool', id: random.pick(tools) },
    { kind: 'named', type: 'Action', id: random.pick(groups) },
    { kind: 'named', type: 'AgentClass', id: random.pick(classes) },
    { kind: 'named', type: 'Segment', id: random.pick(segments) },
  ]);
}
