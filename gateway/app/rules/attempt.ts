import { contentFacts } from '@sallyport/core/facts/content.ts';
import { checkInput } from '@sallyport/core/mediate/check-input.ts';
import { withEndorsementsFor } from '@sallyport/core/mediate/endorsed.ts';
import { gather } from '@sallyport/core/mediate/gather.ts';
import type { BehaviourPort, Flow, SharedStores, World } from '@sallyport/core/mediate/ports.ts';
import { priced } from '@sallyport/core/mediate/price.ts';
import { inheritedBy, resourceOf } from '@sallyport/core/mediate/resource.ts';
import { watched } from '@sallyport/core/mediate/watched.ts';
import { type Action, type Digest, makeAction } from '@sallyport/core/model/action.ts';
import type { Actor, Agent } from '@sallyport/core/model/agent.ts';
import { methodOf } from '@sallyport/core/model/call.ts';
import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { member, stringMember } from '@sallyport/core/model/json.ts';
import { withLabelsOf } from '@sallyport/core/model/label.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { noManifest, type Task, type TaskLimits } from '@sallyport/core/model/task.ts';
import { findTool, type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import type { WallClock } from '@sallyport/core/policy/environment.ts';
import { explain } from '@sallyport/core/policy/explain.ts';
import { typeName } from '@sallyport/core/policy/fact-type.ts';
import { inputType } from '@sallyport/core/policy/input-type.ts';
import { modeFor, verdictOf } from '@sallyport/core/policy/mode.ts';
import { labelsOf } from '@sallyport/core/provenance/labels/label.ts';
import { costOfTool } from '@sallyport/core/task/cost.ts';
import { noUse } from '@sallyport/core/task/limits.ts';
import type { ApiError, Attempt, Done } from '../../api/control.ts';
import type { ChangeView, TryView } from '../../api/view/decision.ts';
import type { ServerState } from '../../api/view/status.ts';
import { canReadPersonal, languageReaders } from '../../facts/readers.ts';
import type { AgentConfig } from '../../identity/config.ts';

export interface AttemptPorts {
  readonly agents: readonly AgentConfig[];
  readonly world: () => World;
  readonly servers: () => readonly ServerState[];
  readonly taskOf: (id: string) => Task | undefined;
  /** The ambient task that this agent would act in now, if it has one. */
  readonly ambientOf: (agent: Agent) => Task | undefined;
  /** Whose authority the task's comes from. */
  readonly actorsOf: (task: Task) => readonly Actor[];
  readonly limits: TaskLimits;
  readonly digest: Digest;
  readonly flow: Flow;
  readonly stores: SharedStores;
  readonly behaviour: BehaviourPort;
  readonly now: () => Instant;
  readonly wallClock?: WallClock | undefined;
}

interface Supposed {
  readonly agent: Agent;
  readonly task: Task;
  readonly action: Action;
  readonly costCents: number;
  readonly actors: readonly Actor[];
}

/** What would be decided now, by the line's own functions. Nothing is performed, reserved or recorded. */
export function createAttempt(ports: AttemptPorts): (attempt: Attempt) => Promise<Done<TryView>> {
  return async attempt => {
    const world = ports.world();
    const agent = agentOf(attempt.agent, ports);
    if (!agent.ok) return agent;
    const tool = toolOf(attempt.tool, world, ports.servers());
    if (!tool.ok) return tool;
    const task = attempt.task === undefined ? taskFor(attempt, agent.value, ports) : ports.taskOf(attempt.task);
    if (task === undefined) return wrong('not-found', 'task', 'there is no such task', 'see: sallyport tasks');
    const input = checkInput(tool.value, attempt.input);
    if (!input.ok) return wrong('malformed', 'input', input.refusal.why, takes(tool.value));
    const cost = costOfTool(tool.value, input.value);
    if (!cost.ok) return wrong('malformed', 'input', cost.refusal.why, cost.refusal.fix);
    const action = actionOf(tool.value, attempt, ports);
    const supposed = { agent: agent.value, task, action, costCents: cost.value, actors: ports.actorsOf(task) };
    return { ok: true, value: view(supposed, world, ports) };
  };
}

function view(
  { agent, task: supposed, action, costCents, actors }: Supposed,
  world: World,
  ports: AttemptPorts,
): TryView {
  const task = withEndorsementsFor(supposed, action, ports.now());
  const looked = ports.flow.look(task, action);
  const held = inheritedBy(action, resourceOf(action, ports.digest), ports.stores);
  const now = ports.now();
  const local = ports.wallClock?.(now);
  const gathered = gather({ agent, task, action, looked, now, local, costCents, actors, held });
  const seen = watched(gathered, task, action, Buffer.byteLength(action.params), ports);
  const request = priced(seen.request, withLabelsOf(labelsOf(action.tool), held), task, world);
  const { decision } = decide(request, false, world.engine);
  const mode = modeFor(world.modes, agent, action.tool);
  const verdict = verdictOf(decision, mode);
  const { reasons, changes } = explain(request, false, world.engine);
  const change: ChangeView | undefined = changes[0];
  return {
    recorded: false,
    tool: toolKey(action.server, action.tool.name),
    answer: decision.answer,
    verdict: verdict.kind,
    mode,
    reasons,
    obligations: decision.answer === 'permit' ? decision.obligations : [],
    ...(decision.answer === 'ask' ? { approval: decision.approval } : {}),
    facts: {
      ...{
        input: argumentTypes(action.tool),
        content: said(action),
      },
      ...{ task: { ...request.task }, flow: { ...request.flow }, env: { ...request.env }, risk: { ...request.risk } },
    },
    ...(change === undefined ? {} : { change: { text: change.text, answer: change.answer } }),
    world: world.digest,
  };
}

/** People are looked for only where a policy does: it takes books of numbers. */
function said({ tool, input }: Action): Record<string, Record<string, unknown>> {
  const facts = contentFacts(tool, input, languageReaders);
  const names = ['does', 'shell', 'sql', 'urls', 'paths', 'addresses', 'leak'] as const;
  const people = canReadPersonal() ? [['personal', { ...facts.personal }] as const] : [];
  return Object.fromEntries([...names.map(name => [name, { ...facts[name] }] as const), ...people]);
}

/** As a policy names them, and of what it cannot see the reason. */
function argumentTypes(tool: Tool): Record<string, string> {
  const { type, opaque } = inputType(tool.definition);
  const seen = [...type.attributes].map(([name, { type: own, required }]): [string, string] => [
    named([name]),
    `${typeName(own)}${required ? '' : ', optional'}`,
  ]);
  return Object.fromEntries([...seen, ...opaque.map(({ path, why }) => [named(path), `out of sight: ${why}`])]);
}

function named(path: readonly string[]): string {
  return path
    .map(step => (/^(?:[A-Za-z_]\w*|\*|\[\])$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join('');
}

function agentOf(id: string, { agents }: AttemptPorts): Done<Agent> {
  const found = agents.find(agent => agent.id === id);
  if (found !== undefined) return { ok: true, value: hypothetical(found) };
  return wrong(
    'not-found',
    'agent',
    `is no configured agent${didYouMean(
      id,
      agents.map(agent => agent.id),
    )}`,
    'see: sallyport agents ls',
  );
}

/** A configured agent as if it had proved itself with a bearer token. */
export function hypothetical({ id, classes, team, owner, shared, vendor, principal }: AgentConfig): Agent {
  return {
    id,
    classes,
    team,
    owner,
    shared: shared ?? false,
    vendor: vendor ?? false,
    principal,
    proof: 'bearer',
    trust: 2,
  };
}

/** `server/name`, or as agents see it on `/mcp`, `server__name`. */
function toolOf(text: string, world: World, servers: readonly ServerState[]): Done<Tool> {
  const [, server = '', name = ''] = /^([a-z0-9-]+)(?:\/|__)(.+)$/.exec(text) ?? [];
  const tool = findTool(world.catalogue, server, name);
  if (tool !== undefined) return { ok: true, value: tool };
  const silent = servers.find(({ id, state, tools }) => id === server && state !== 'ready' && tools === 0);
  if (silent !== undefined) return unheardOf(silent);
  const keys = [...world.catalogue.servers.values()].flatMap(each =>
    [...each.tools.keys()].map(key => toolKey(each.id, key)),
  );
  return wrong('not-found', 'tool', `is no tool in the catalogue${didYouMean(text, keys)}`, 'see: sallyport tools ls');
}

const argumentsShownMax = 30;
const plainName = /^[\w$][\w$.-]{0,63}$/;

/** `files/move_file takes source (string, required), destination (string, required)`, for who sees no schema where this was typed. */
function takes({ server, name, definition }: Tool): string {
  const schema = member(definition, 'inputSchema');
  const properties = member(schema, 'properties');
  const required = member(schema, 'required');
  const needed =
    required?.kind === 'array' ? required.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
  const names = properties?.kind === 'object' ? [...properties.members.keys()] : [];
  const plain = names.filter(name => plainName.test(name)).slice(0, argumentsShownMax);
  const said = plain.map(name => {
    const type = stringMember(member(properties, name), 'type');
    const words = [
      ...(type === undefined || !plainName.test(type) ? [] : [type]),
      ...(needed.includes(name) ? ['required'] : []),
    ];
    return words.length === 0 ? name : `${name} (${words.join(', ')})`;
  });
  const more = names.length - said.length;
  const listed = [...said, ...(more > 0 ? [`${more} more`] : [])].join(', ') || 'no arguments';
  return `${toolKey(server, name)} takes ${listed}`;
}

const saidCharsMax = 200;

/** Which tools it has is not known, so nothing can be said of one of them. */
function unheardOf({ id, state, why, said }: ServerState): { ok: false; error: ApiError } {
  const begun = `the server ${id} has never answered, so its tools are not known`;
  if (state === 'starting') {
    const more = why === undefined ? '; it is still starting' : `; it is still starting: ${why}`;
    return wrong('unavailable', 'tool', begun + more, 'try again in a moment; `sallyport status` shows how it stands');
  }
  const words = said === undefined ? '' : `; it said: “${said.slice(0, saidCharsMax)}”`;
  const fix = 'mend what it complains of; it is tried again by itself, and `sallyport status` shows how it stands';
  return wrong('unavailable', 'tool', `${begun}: ${why ?? 'it could not be started'}${words}`, fix);
}

/** A task that is described is a new one; otherwise the agent's ambient task as it stands, with all that it has read. */
function taskFor(attempt: Attempt, agent: Agent, ports: AttemptPorts): Task {
  const described = attempt.purpose !== undefined || attempt.tools !== undefined || attempt.untrusted;
  return (described ? undefined : ports.ambientOf(agent)) ?? newTask(attempt, agent, ports);
}

export function newTask(
  attempt: Pick<Attempt, 'purpose' | 'tools' | 'untrusted'>,
  agent: Agent,
  { limits, now }: Pick<AttemptPorts, 'limits' | 'now'>,
): Task {
  const id: TaskId = 't_00000000000000000000000000';
  const opened = attempt.purpose !== undefined || attempt.tools !== undefined;
  const source = { label: 'untrusted' as const, entry: id, server: '', tool: '', at: now() };
  return {
    id,
    agent: agent.id,
    principal: agent.principal,
    kind: opened ? 'opened' : 'ambient',
    opener: opened ? 'operator' : 'gateway',
    purpose: attempt.purpose ?? '',
    manifest: { ...noManifest, tools: attempt.tools },
    ceiling: 'secret',
    segments: undefined,
    audience: undefined,
    parent: undefined,
    depth: 0,
    limits,
    openedAt: now(),
    state: { kind: 'open' },
    suspended: undefined,
    labels: new Set(attempt.untrusted ? ['untrusted'] : []),
    sources: attempt.untrusted ? [source] : [],
    endorsements: [],
    used: noUse,
    lent: noUse,
  };
}

function actionOf(tool: Tool, { input }: Attempt, { digest }: AttemptPorts): Action {
  const method = methodOf(tool.name);
  return makeAction({ method, server: tool.server, name: tool.name, input }, tool, digest);
}

function wrong(code: ApiError['code'], field: string, message: string, fix?: string): { ok: false; error: ApiError } {
  return { ok: false, error: { code, field, message, ...(fix === undefined ? {} : { fix }) } };
}
