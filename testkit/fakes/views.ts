import type { Decided, Entry, Performed, Refused } from '@sallyport/core/model/entry.ts';
import type { FakeControl } from './control.ts';
import { fakeLimits, fakeUse } from './task.ts';

/** One small installation as the control API shows it: an agent, a task, a denied call, a question, a changed tool. */
export const ids = {
  task: 't_4c0v8m1r0000000000000000aa',
  permitted: 'd_aaaa1111000000000000000000',
  denied: 'd_bbbb2222000000000000000000',
  read: 'o_cccc3333000000000000000000',
  approval: 'ap_dddd4444000000000000000000',
} as const;

const at = Date.UTC(2026, 10, 21, 12, 0, 0);
const written = { v: 1, tenant: 'local', node: 'n', at } as const;
const source = { label: 'untrusted', entry: ids.read, server: 'files', tool: 'read_text_file', at } as const;
const noDetour = {
  rule: 'no-detour-after-untrusted',
  text: 'this task has read untrusted content, and its principal did not name this tool',
  fix: 'finish without it',
} as const;

function decided(seq: number, id: typeof ids.permitted | typeof ids.denied, over: Partial<Decided>): Entry {
  return {
    ...written,
    seq,
    kind: 'decided',
    id,
    task: ids.task,
    agent: 'assistant',
    principal: 'user:emma',
    world: 'worldworldworld',
    door: 'mcp-http',
    action: {
      method: 'tools/call',
      server: 'files',
      tool: 'read_text_file',
      pin: 'p',
      classes: ['read'],
      digest: 'x',
      bytes: 90,
    },
    mode: 'enforce',
    answer: 'permit',
    verdict: 'pass',
    reasons: [{ rule: 'reads-are-free', text: 'reading is allowed', fix: undefined }],
    labels: [],
    tookMicros: 210,
    ...over,
  };
}

const performed: Entry = {
  ...written,
  seq: 2,
  kind: 'performed',
  id: ids.read,
  decision: ids.permitted,
  task: ids.task,
  outcome: 'ok',
  bytes: 400,
  tookMicros: 3_000,
  labels: ['untrusted'],
} satisfies Performed & { v: 1; tenant: string; node: string; seq: number; at: number };

const refused: Entry = {
  ...written,
  seq: 4,
  kind: 'refused',
  id: 'e_eeee5555000000000000000000',
  decision: ids.denied,
  task: ids.task,
  code: 'denied',
} satisfies Refused & { v: 1; tenant: string; node: string; seq: number; at: number };

const getEnv = {
  method: 'tools/call',
  server: 'everything',
  tool: 'get-env',
  pin: 'p',
  classes: ['read'],
  digest: 'y',
  bytes: 60,
} as const;

export function smallInstallation(): FakeControl['has'] {
  const modes = { fallback: 'enforce', scopes: [{ scope: 'class:money', mode: 'enforce', source: 'config' }] } as const;
  return {
    status: {
      version: '0.1.0',
      state: 'ready',
      startedAt: at,
      now: at + 65_000,
      listen: '127.0.0.1:7420',
      stateDir: '/state',
      world: 'worldworldworld',
      policies: 11,
      servers: [{ id: 'files', transport: 'stdio', state: 'ready', tools: 14 }],
      agents: 1,
      tasks: { open: 1 },
      approvals: { pending: 1 },
      quarantined: 1,
      killed: [],
      modes,
      journal: { entries: 4, state: 'ok' },
    },
    entries: [
      decided(1, ids.permitted, {}),
      performed,
      decided(3, ids.denied, {
        action: getEnv,
        answer: 'deny',
        verdict: 'refuse',
        reasons: [noDetour],
        labels: [source],
      }),
      refused,
    ],
    why: [
      {
        id: ids.denied,
        seq: 3,
        at,
        agent: { id: 'assistant', proof: 'bearer', trust: 2 },
        task: {
          id: ids.task,
          kind: 'opened',
          principal: 'user:emma',
          purpose: 'Summarise the folder',
          opener: 'operator',
        },
        action: getEnv,
        arguments: '{"name":"get-env","arguments":{}}',
        door: 'mcp-http',
        world: 'worldworldworld',
        worldInForce: true,
        mode: 'enforce',
        answer: 'deny',
        verdict: 'refuse',
        did: 'refused',
        reasons: [{ ...noDetour, effect: 'forbid', file: '/house/policies/default.cedar', line: 52 }],
        facts: { task: { inManifest: false }, flow: { untrusted: true }, env: { now: at } },
        values: [],
        labels: [source],
        change: { text: 'If the task named this tool, it would be permitted.', answer: 'permit' },
        timings: { decideMicros: 210 },
      },
    ],
    tasks: [
      {
        id: ids.task,
        kind: 'opened',
        agent: 'assistant',
        principal: 'user:emma',
        opener: 'operator',
        purpose: 'Summarise the folder',
        state: 'open',
        openedAt: at,
        endsAt: at + 600_000,
        tools: ['files/*'],
        limits: fakeLimits({ callsMax: 50, secondsMax: 600, bytesMax: 1_048_576 }),
        used: fakeUse({ calls: 2, bytes: 2_048 }),
        reserved: fakeUse(),
        ceiling: 'secret',
        depth: 0,
        labels: [source],
      },
    ],
    reach: {
      agents: [
        {
          agent: 'assistant',
          task: ids.task,
          kind: 'opened',
          standsIn: ['office'],
          segments: [
            {
              segment: 'office',
              here: true,
              servers: [
                { id: 'files', credentials: [], tools: [{ tool: 'files/read_file', reach: 'free', rules: [] }] },
              ],
            },
            {
              segment: 'bank',
              here: false,
              servers: [
                {
                  id: 'bank',
                  credentials: ['bank-key'],
                  tools: [{ tool: 'bank/pay', reach: 'ask', rules: ['ask-before-crossing'] }],
                },
              ],
            },
          ],
        },
      ],
    },
    approvals: [
      {
        id: ids.approval,
        state: 'pending',
        decision: ids.denied,
        task: ids.task,
        agent: 'assistant',
        principal: 'user:emma',
        purpose: 'Summarise the folder',
        tool: 'files/move_file',
        digest: 'z',
        pin: 'p',
        world: 'worldworldworld',
        arguments: '{"name":"move_file","arguments":{"source":"a\u202eb"}}',
        reasons: [{ rule: 'ask-outside-the-manifest', text: 'the principal did not name this tool', fix: undefined }],
        values: [],
        labels: [],
        approvers: ['operator'],
        askedAt: at,
        expiresAt: Date.now() + 600_000,
      },
    ],
    modes,
    tools: [
      {
        tool: 'files/read_text_file',
        status: 'pinned',
        pin: 'p',
        classes: ['read'],
        segment: 'files',
        labels: ['untrusted', 'unlabelled'],
      },
      {
        tool: 'files/move_file',
        status: 'quarantined',
        why: 'the description changed',
        pin: 'p',
        classes: ['write'],
        segment: 'files',
        labels: ['untrusted', 'unlabelled'],
      },
    ],
    diffs: [
      {
        tool: 'files/move_file',
        pinned: 'p',
        offered: 'q',
        why: 'the description changed',
        text: '- moves\n+ moves and \u001b[31msends',
      },
    ],
    attempt: undefined,
    agents: [
      {
        id: 'assistant',
        classes: ['office'],
        principal: 'user:emma',
        shared: false,
        vendor: false,
        entries: ['assistant'],
        tokens: [],
        killed: false,
      },
    ],
  };
}
