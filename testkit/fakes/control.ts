import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Control, Done } from '@sallyport/gateway/api/control.ts';
import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { TryView, WhyView } from '@sallyport/gateway/api/view/decision.ts';
import type { FindingView } from '@sallyport/gateway/api/view/finding.ts';
import type { ReachView } from '@sallyport/gateway/api/view/reach.ts';
import type { ModesView, StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import type { ToolDiffView, ToolView } from '@sallyport/gateway/api/view/tool.ts';

/** What a fake control answers with; change it between calls. Every order it got is kept in `heard`. */
export interface FakeControl extends Control {
  readonly heard: (readonly [order: string, ...unknown[]])[];
  readonly has: {
    status: StatusView;
    entries: Entry[];
    why: WhyView[];
    tasks: TaskView[];
    approvals: ApprovalView[];
    modes: ModesView;
    tools: ToolView[];
    diffs: ToolDiffView[];
    attempt: TryView | undefined;
    agents: AgentView[];
    reach: ReachView;
    findings?: FindingView[];
  };
}

/** A control without a gateway behind it: it holds views, answers with them, and remembers what it was told to do. */
export function createFakeControl(has: FakeControl['has']): FakeControl {
  const heard: [string, ...unknown[]][] = [];
  const byId = <T extends { readonly id: string }>(list: readonly T[], id: string, what: string): Done<T> => {
    const found = list.filter(one => one.id.startsWith(id));
    const [first] = found;
    if (first === undefined) return wrong('not-found', `there is no such ${what}`);
    return found.length > 1 ? wrong('ambiguous', 'names more than one') : { ok: true, value: first };
  };
  const told = (...order: [string, ...unknown[]]): void => void heard.push(order);
  return {
    has,
    heard,
    operator: 'advisory: shared uid',
    status: async () => has.status,
    entries: async query => {
      const matching = has.entries.filter(
        entry =>
          (query.kinds?.includes(entry.kind) ?? true) &&
          entry.seq > (query.after ?? -1) &&
          entry.at >= (query.since ?? 0) &&
          entry.at < (query.until ?? Number.POSITIVE_INFINITY),
      );
      const newest = has.entries.at(-1)?.seq ?? -1;
      return { entries: query.after === undefined ? matching.slice(-query.limit) : matching, newest };
    },
    follow: async function* (query) {
      yield* has.entries.filter(entry => entry.seq > (query.after ?? -1));
    },
    decision: async id => byId(has.why, id, 'decision'),
    entry: async id => byId(has.entries, id, 'entry'),
    tasks: {
      list: async () => has.tasks,
      find: async id => byId(has.tasks, id, 'task'),
      open: async order => {
        told('open', order);
        const [task] = has.tasks;
        if (task === undefined) return wrong('not-found', 'is no configured agent');
        return { ok: true, value: order.kind === 'opened' ? { task, token: 'spt_secret' } : { task } };
      },
      end: async (id, why) => {
        told('end', id, why);
        return byId(has.tasks, id, 'task');
      },
      export: async id => {
        told('export', id);
        const found = byId(has.tasks, id, 'task');
        return found.ok ? { ok: true, value: { task: found.value.id, entries: 1, text: 'a signed file' } } : found;
      },
      hold: id => {
        told('hold', id);
        const value = (async function* () {
          yield '\n';
        })();
        return { ok: true, value };
      },
      erase: async (id, why, by) => {
        told('erase', id, by.name, why);
        const found = byId(has.tasks, id, 'task');
        return found.ok ? { ok: true, value: { task: found.value.id, keys: 1 } } : found;
      },
      suspend: async (id, why) => {
        told('suspend', id, why);
        return byId(has.tasks, id, 'task');
      },
      narrow: async (id, manifest, why) => {
        told('narrow', id, manifest, why);
        return byId(has.tasks, id, 'task');
      },
      resume: async id => {
        told('resume', id);
        return byId(has.tasks, id, 'task');
      },
      declassify: async (id, { to, why }) => {
        told('declassify', id, to, why);
        return byId(has.tasks, id, 'task');
      },
      renew: async (id, access) => {
        told('renew', id, access);
        const found = byId(has.tasks, id, 'task');
        if (!found.ok) return found;
        const task = { task: found.value, token: 'spt_renewed' };
        return { ok: true, value: access === undefined ? task : { ...task, access: { token: 'e.y.j', expiresAt: 0 } } };
      },
    },
    approvals: {
      list: async state => has.approvals.filter(view => state === 'all' || view.state === 'pending'),
      answer: async (id, { answer, why }) => {
        told('answer', id, answer, ...(why === '' ? [] : [why]));
        return byId(has.approvals, id, 'approval');
      },
      endorse: async (id, { what, minutes, why }) => {
        told('endorse', id, what, minutes, why);
        return byId(has.approvals, id, 'approval');
      },
    },
    kinds: async () => [],
    findings: async task => (has.findings ?? []).filter(view => task === undefined || view.task === task),
    kill: async (scope, why) => {
      told('kill', scope, why);
      return { ok: true, value: [{ scope: scope, at: 0, by: 'operator', why }] };
    },
    unkill: async (scope, why) => {
      told('unkill', scope, why);
      return { ok: true, value: [] };
    },
    modes: async () => has.modes,
    setMode: async (scope, mode) => {
      told('mode', scope, mode);
      return { ok: true, value: has.modes };
    },
    tools: {
      list: async () => has.tools,
      diff: async tool => {
        const diffs = has.diffs.filter(view => tool === undefined || view.tool === tool);
        const known = tool === undefined || has.tools.some(view => view.tool === tool);
        return known ? { ok: true, value: diffs } : wrong('not-found', 'there is no such tool');
      },
      accept: async tools => {
        told('accept', tools);
        return { ok: true, value: has.tools };
      },
    },
    credentials: {
      list: async () => [],
      invite: async (credential, principal) => {
        told('invite', credential, principal);
        return { ok: true, value: { url: 'http://127.0.0.1:7420/oauth/connect?invitation=x' } };
      },
    },
    policy: async () => ({ active: { digest: 'active', policies: [] } }),
    policyTests: async () => ({
      inForce: true,
      problems: [],
      tests: [{ name: 'reads pass', outcome: 'passed', file: 'policies/a.test.yaml', line: 3 }],
    }),
    activate: async digest => {
      told('activate', digest);
      return { ok: true, value: { active: { digest, policies: [] } } };
    },
    attempt: async attempt => {
      told('try', attempt);
      return has.attempt === undefined ? wrong('not-found', 'there is no such tool') : { ok: true, value: has.attempt };
    },
    reach: async query => {
      told('reach', query);
      return { ok: true, value: has.reach };
    },
    agents: {
      list: async () => has.agents,
      issue: async id => {
        told('issue', id);
        const known = has.agents.some(agent => agent.id === id);
        return known
          ? { ok: true, value: { id: 'k1', token: 'spa_secret' } }
          : wrong('not-found', 'is no agent', 'agent');
      },
      revoke: async (id, token) => {
        told('revoke', id, token);
        return byId(has.agents, id, 'agent');
      },
    },
    session: {
      link: async role => {
        told('link', role);
        return { link: 'spl_link', expiresAt: 0 };
      },
      redeem: async authorization =>
        authorization === 'Bearer spl_link'
          ? { ok: true, value: { token: 'sps_session', name: 'operator', role: 'admin', expiresAt: 0 } }
          : { ok: false, error: { code: 'operator-proof', message: 'this link was used already' } },
      end: async () => told('sign out'),
    },
    shutdown: async () => told('shutdown'),
    audit: async () => ({ dir: '/journal', origin: 'test', vkey: 'test+0+x', entries: has.entries.length }),
  };
}

function wrong(
  code: 'not-found' | 'ambiguous',
  message: string,
  field?: string,
): { ok: false; error: { code: typeof code; message: string; field?: string } } {
  return { ok: false, error: { code, message, ...(field === undefined ? {} : { field }) } };
}
