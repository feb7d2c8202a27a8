import type { Mode } from '@sallyport/core/model/decision.ts';
import { type ApiResponse, answer, done, failure, lines, made } from './answer.ts';
import { type Caller, mayActAs, rolesLeastFirst } from './caller.ts';
import type { Control } from './control.ts';
import { type Fields, parseBody, pick, wrong } from './fields.ts';
import { entryLines } from './follow.ts';
import { entriesQueryOf, type Query, wholeNumber } from './query.ts';
import { accessOrder, declassifyOrder, manifestOf, taskOrder } from './task-order.ts';

/** A request whose sender has proved who they are, and may do this. */
export interface Asked {
  readonly control: Control;
  readonly caller: Caller;
  readonly authorization: string | undefined;
  /** Of the path's `:id`; empty where the route has none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export type Route = (asked: Asked) => Promise<ApiResponse>;

/**
 * Every route there is, `METHOD path` → what it does. A route that changes something is a POST, so that no link,
 * image or prefetch can do it (E-3). None takes a command, an argument list, an environment or an address.
 */
export const routes: Readonly<Record<string, Route>> = {
  'GET status': async ({ control }) => {
    return answer(control.operator, 200, { status: await control.status() });
  },
  'GET entries': async ({ control, query, signal }) => {
    const { wanted, follow } = entriesQueryOf(query);
    if (follow) return lines(entryLines(control.follow(wanted, signal)));
    return answer(control.operator, 200, await control.entries(wanted));
  },
  'GET entries/:id': async ({ control, id }) => {
    return done(control.operator, 'entry', await control.entry(id));
  },
  'GET decisions/:id': async ({ control, id }) => {
    return done(control.operator, 'decision', await control.decision(id));
  },
  'GET tasks': async ({ control, query }) => {
    const state = pick('?state', query.get('state') ?? 'open', ['open', 'ended', 'all']);
    const limit = wholeNumber(query, 'limit', 1, 1_000) ?? 100;
    const tasks = await control.tasks.list({ state, agent: query.get('agent'), parent: query.get('parent'), limit });
    return answer(control.operator, 200, { tasks });
  },
  'GET tasks/:id': async ({ control, id }) => {
    return done(control.operator, 'task', await control.tasks.find(id));
  },
  'GET tasks/:id/export': async ({ control, id }) => {
    return done(control.operator, 'export', await control.tasks.export(id));
  },
  'POST tasks': async ({ control, caller, body }) => {
    return made(control.operator, await control.tasks.open(taskOrder(parseBody(body)), caller));
  },
  'POST tasks/:id/end': async ({ control, caller, id, body }) => {
    const why = onlyWhy(body);
    return done(control.operator, 'task', await control.tasks.end(id, why, caller));
  },
  'POST tasks/:id/hold': async ({ control, id, body, signal }) => {
    parseBody(body).done();
    const held = control.tasks.hold(id, signal);
    return held.ok ? lines(held.value) : failure(control.operator, held.error);
  },
  'POST tasks/:id/erase': async ({ control, caller, id, body }) => {
    return done(control.operator, 'erased', await control.tasks.erase(id, onlyWhy(body), caller));
  },
  'POST tasks/:id/suspend': async ({ control, caller, id, body }) => {
    const why = onlyWhy(body);
    return done(control.operator, 'task', await control.tasks.suspend(id, why, caller));
  },
  'POST tasks/:id/narrow': async ({ control, caller, id, body }) => {
    const fields = parseBody(body);
    const manifest = manifestOf(fields);
    const why = whyOf(fields);
    fields.done();
    return done(control.operator, 'task', await control.tasks.narrow(id, manifest, why, caller));
  },
  'POST tasks/:id/resume': async ({ control, caller, id, body }) => {
    parseBody(body).done();
    return done(control.operator, 'task', await control.tasks.resume(id, caller));
  },
  'POST tasks/:id/declassify': async ({ control, caller, id, body }) => {
    const order = declassifyOrder(parseBody(body));
    return done(control.operator, 'task', await control.tasks.declassify(id, order, caller));
  },
  'POST tasks/:id/renew': async ({ control, caller, id, body }) => {
    const fields = parseBody(body);
    const access = accessOrder(fields);
    fields.done();
    return made(control.operator, await control.tasks.renew(id, access, caller));
  },
  'GET approvals': async ({ control, caller, query }) => {
    const state = pick('?state', query.get('state') ?? 'pending', ['pending', 'all']);
    return answer(control.operator, 200, { approvals: await control.approvals.list(state, caller.only) });
  },
  'POST approvals/:id': async ({ control, caller, id, body }) => {
    const fields = parseBody(body);
    const answer = pick('answer', fields.required('answer'), ['approved', 'refused']);
    const why = whyOf(fields);
    fields.done();
    return done(control.operator, 'approval', await control.approvals.answer(id, { answer, why, by: caller }));
  },
  'POST approvals/:id/endorse': async ({ control, caller, id, body }) => {
    const fields = parseBody(body);
    const kind = pick('what', fields.required('what'), ['value', 'source', 'tool']);
    const what = kind === 'tool' ? { kind } : { kind, digest: fields.required('digest') };
    const minutes = fields.count('minutes');
    if (minutes !== undefined && minutes > endorsedMinutesMax)
      throw wrong(
        'minutes',
        `must be at most ${endorsedMinutesMax}`,
        'leave it out: then it holds until the task ends',
      );
    const why = whyOf(fields);
    fields.done();
    return done(control.operator, 'approval', await control.approvals.endorse(id, { what, minutes, why, by: caller }));
  },
  'POST kill': async ({ control, caller, body }) => {
    const { scope, why } = scopeAndWhy(body);
    return done(control.operator, 'killed', await control.kill(scope, why, caller));
  },
  'POST unkill': async ({ control, caller, body }) => {
    const { scope, why } = scopeAndWhy(body);
    return done(control.operator, 'killed', await control.unkill(scope, why, caller));
  },
  'GET modes': async ({ control }) => {
    return answer(control.operator, 200, { modes: await control.modes() });
  },
  'POST modes': async ({ control, caller, body }) => {
    const fields = parseBody(body);
    const scope = fields.required('scope');
    const mode = pick<Mode | 'unset'>('mode', fields.required('mode'), ['observe', 'shadow', 'enforce', 'unset']);
    fields.done();
    return done(control.operator, 'modes', await control.setMode(scope, mode, caller));
  },
  'GET tools': async ({ control }) => {
    return answer(control.operator, 200, { tools: await control.tools.list() });
  },
  'GET tools/diff': async ({ control, query }) => {
    return done(control.operator, 'diffs', await control.tools.diff(query.get('tool')));
  },
  'POST tools/accept': async ({ control, caller, body }) => {
    const tools = acceptedTools(parseBody(body));
    return done(control.operator, 'tools', await control.tools.accept(tools, caller));
  },
  'GET policy': async ({ control }) => {
    return answer(control.operator, 200, { policy: await control.policy() });
  },
  'GET policy/tests': async ({ control }) => {
    return answer(control.operator, 200, { tests: await control.policyTests() });
  },
  'POST policy/activate': async ({ control, caller, body }) => {
    const fields = parseBody(body);
    const digest = fields.required('digest');
    fields.done();
    return done(control.operator, 'policy', await control.activate(digest, caller));
  },
  'POST try': async ({ control, body }) =>
    done(control.operator, 'try', await control.attempt(attemptOf(parseBody(body)))),
  'GET can': async ({ control, query }) => {
    const [agent, server, credential] = [query.get('agent'), query.get('server'), query.get('credential')];
    if ([agent, server, credential].filter(word => word !== undefined).length !== 1)
      throw wrong('?agent', 'must be given, or else server or credential, and not two of them');
    return done(control.operator, 'can', await control.reach({ agent, server, credential, task: query.get('task') }));
  },
  'GET findings': async ({ control, query }) => {
    return answer(control.operator, 200, { findings: await control.findings(query.get('task')) });
  },
  'GET kinds': async ({ control, query }) => {
    return answer(control.operator, 200, { kinds: await control.kinds(query.get('name')) });
  },
  'GET agents': async ({ control }) => {
    return answer(control.operator, 200, { agents: await control.agents.list() });
  },
  'POST agents/:id/token': async ({ control, caller, id, body }) => {
    parseBody(body).done();
    return made(control.operator, await control.agents.issue(id, caller));
  },
  'POST agents/:id/revoke': async ({ control, caller, id, body }) => {
    const fields = parseBody(body);
    const token = fields.text('token');
    fields.done();
    return done(control.operator, 'agent', await control.agents.revoke(id, token, caller));
  },
  'GET credentials': async ({ control }) => {
    return answer(control.operator, 200, { credentials: await control.credentials.list() });
  },
  'POST credentials/:id/authorize': async ({ control, id, body }) => {
    const fields = parseBody(body);
    const principal = fields.required('principal');
    fields.done();
    return done(control.operator, 'signIn', await control.credentials.invite(id, principal));
  },
  'GET audit': async ({ control }) => {
    return answer(control.operator, 200, { audit: await control.audit() });
  },
  'GET session': async ({ control, caller }) => {
    const { name, role, expiresAt, only } = caller;
    return answer(control.operator, 200, {
      session: { name, role, expiresAt, ...(only === undefined ? {} : { only }) },
    });
  },
  'POST session/link': async ({ control, caller, body }) => {
    const fields = parseBody(body);
    const role = fields.oneOf('role', rolesLeastFirst) ?? caller.role;
    fields.done();
    if (!mayActAs(caller, role)) throw wrong('role', 'is more than you have yourself');
    return answer(control.operator, 201, await control.session.link(role, caller));
  },
  'POST session/end': async ({ control, authorization, body }) => {
    parseBody(body).done();
    await control.session.end(authorization);
    return answer(control.operator, 200, { ended: true });
  },
  'POST shutdown': async ({ control, body }) => {
    parseBody(body).done();
    await control.shutdown();
    return answer(control.operator, 202, { stopping: true });
  },
};

function attemptOf(fields: Fields): Parameters<Control['attempt']>[0] {
  const attempt = {
    agent: fields.required('agent'),
    tool: fields.required('tool'),
    input: fields.object('input') ?? { kind: 'object' as const, members: new Map() },
    task: fields.text('task'),
    purpose: fields.text('purpose'),
    tools: fields.texts('tools'),
    untrusted: fields.flag('untrusted') ?? false,
  };
  fields.done();
  const inNewTask = attempt.purpose !== undefined || attempt.tools !== undefined || attempt.untrusted;
  if (attempt.task !== undefined && inNewTask)
    throw wrong('task', 'cannot stand beside purpose, tools or untrusted', 'those describe a new task');
  return attempt;
}

function acceptedTools(fields: Fields): { tool: string; pin: string }[] {
  const items = fields.objects('tools');
  fields.done();
  if (items === undefined || items.length === 0) throw wrong('tools', 'must name at least one tool');
  return items.map(item => {
    const accepted = { tool: item.required('tool'), pin: item.required('pin') };
    item.done();
    return accepted;
  });
}

/** A day; what is to hold for longer holds for as long as the task. */
const endorsedMinutesMax = 1_440;

const whyCharsMax = 500;

function whyOf(fields: Fields): string {
  const why = fields.text('why') ?? '';
  if (why.length > whyCharsMax) throw wrong('why', `must not be longer than ${whyCharsMax} characters`);
  return why;
}

function onlyWhy(body: Uint8Array | undefined): string {
  const fields = parseBody(body);
  const why = whyOf(fields);
  fields.done();
  return why;
}

function scopeAndWhy(body: Uint8Array | undefined): { scope: string; why: string } {
  const fields = parseBody(body);
  const scope = fields.required('scope');
  const why = whyOf(fields);
  fields.done();
  return { scope, why };
}
