import { createHash } from 'node:crypto';
import type { LinePorts, PerformOptions, Ready, UpstreamReply, World } from '@sallyport/core/mediate/ports.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Call } from '@sallyport/core/model/call.ts';
import type { Mode } from '@sallyport/core/model/decision.ts';
import type { Bodies, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { Id, IdPrefix, TaskId } from '@sallyport/core/model/ids.ts';
import { type JsonObject, normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { calm } from '@sallyport/core/model/risk.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import type { Evaluation, PolicyEngine, PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { nothingLooked } from '@sallyport/core/provenance/memories.ts';
import { type Stores, storesPort } from '@sallyport/core/task/stores.ts';
import { fakeTask } from './task.ts';

/** For unit tests only: ports that write down what was asked of them, in order, in `events`. */
export interface FakeWorld {
  readonly ports: LinePorts;
  readonly events: string[];
  readonly entries: { readonly draft: EntryDraft; readonly bodies: Bodies | undefined }[];
  /** Exactly what the upstream was sent. */
  readonly sent: string[];
  readonly raised: LabelSource[];
  readonly stores: Stores;
}

export interface FakeOptions {
  readonly mode?: Mode;
  readonly tool?: Partial<Tool>;
  readonly task?: Partial<Task>;
  readonly evaluate?: (request: PolicyRequest, approved: boolean) => Evaluation;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The same of some rules, by their ids. */
  readonly rules?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly reply?: (options: PerformOptions) => Promise<UpstreamReply>;
  /** Replaces single ports; applied last. */
  readonly override?: (ports: LinePorts) => Partial<LinePorts>;
}

export const fakeAgent: Agent = {
  id: 'assistant',
  classes: [],
  team: undefined,
  owner: undefined,
  shared: false,
  vendor: false,
  proof: 'bearer',
  trust: 2,
  principal: 'user:emma',
};

export function jsonObject(text: string): JsonObject {
  const parsed = parseJson(text, resultJsonLimits);
  if (!parsed.ok || parsed.node.kind !== 'object') throw new Error(`not a JSON object: ${text}`);
  return parsed.node;
}

export function fakeTool(over: Partial<Tool> = {}): Tool {
  return {
    server: 'files',
    name: 'read_file',
    definition: jsonObject(
      '{"name":"read_file","inputSchema":{"type":"object","properties":{"path":{"type":"string"}}}}',
    ),
    pin: 'pin',
    status: { kind: 'pinned' },
    classes: ['read'],
    segment: 'files',
    trustedResult: false,
    ...over,
  };
}

export function fakeCall(over: Partial<Call> = {}): Call {
  return {
    door: 'mcp-http',
    receivedAt: 0,
    proof: { kind: 'bearer', token: 'token' },
    taskToken: undefined,
    method: 'tools/call',
    server: 'files',
    name: 'read_file',
    input: jsonObject('{"path":"a.txt"}'),
    bytes: 100,
    wantsProgress: false,
    signal: new AbortController().signal,
    relay: () => {},
    ...over,
  };
}

export const allow: Evaluation = { allowed: true, determining: ['p'], errors: [] };
export const forbid: Evaluation = { allowed: false, determining: ['p'], errors: [] };

export function createFakeWorld(options: FakeOptions = {}): FakeWorld {
  const events: string[] = [];
  const entries: FakeWorld['entries'] = [];
  const sent: string[] = [];
  const raised: LabelSource[] = [];
  const stores: Stores = new Map();
  const engine: PolicyEngine = {
    evaluate: (request, approved) => {
      events.push(`evaluate approved=${approved}`);
      return options.evaluate?.(request, approved) ?? allow;
    },
    couldPermit: () => true,
    policy: id => {
      const annotations = options.rules?.[id] ?? options.annotations ?? {};
      return { id, effect: 'permit', file: 'p.cedar', line: 1, annotations };
    },
  };
  const tool = fakeTool(options.tool);
  const task: Task = { ...fakeTask, ...options.task };
  const world: World = {
    digest: 'world',
    engine,
    modes: { fallback: options.mode ?? 'enforce', scopes: new Map() },
    catalogue: {
      servers: new Map([
        [
          tool.server,
          {
            id: tool.server,
            segment: tool.segment,
            tools: new Map([[tool.name, tool]]),
            prompts: [],
            resourceTemplates: [],
            instructions: undefined,
            capabilities: jsonObject('{}'),
          },
        ],
      ]),
    },
  };
  let ids = 0;
  const base: LinePorts = {
    now: () => 1_000,
    micros: () => 0,
    newId: <P extends IdPrefix>(prefix: P): Id<P> => `${prefix}_${String(++ids).padStart(26, '0')}`,
    digest: text => createHash('sha256').update(text).digest('base64url'),
    authenticate: async () => passed(fakeAgent),
    world: () => world,
    flow: { look: () => nothingLooked, read: () => {} },
    stores: storesPort(stores),
    behaviour: { look: () => calm },
    tasks: {
      require: async () => passed(task),
      reserve: async (_task, { replyBytesMax, spendCents = 0 }) => {
        events.push('reserve');
        let settled = false;
        const settle = (event: string): void => {
          if (!settled) events.push(event);
          settled = true;
        };
        return passed({
          ...{ replyBytesMax, spendCents, stopped: false },
          commit: (bytes, spent = spendCents) => settle(`commit ${bytes}${spent === 0 ? '' : ` for ${spent}`}`),
          release: () => settle('release'),
        });
      },
      standing: () => {
        events.push('standing');
        return passed(task);
      },
      enter: () => true,
      actors: () => [],
      suspend: async (task, policy) => void events.push(`suspend ${task} ${policy}`),
      raise: (_task: TaskId, sources) => {
        events.push('raise');
        raised.push(...sources);
      },
      loosen: act => void events.push(`loosen ${act.kind}`),
    },
    approvals: {
      find: () => undefined,
      use: () => true,
      giveBack: () => {},
      builtOn: () => undefined,
      ask: async () => passed('ap_00000000000000000000000001'),
    },
    journal: {
      record: async (draft, bodies) => {
        await Promise.resolve();
        events.push(`durable ${draft.kind}`);
        entries.push({ draft, bodies });
      },
      append: (draft, bodies) => {
        events.push(`append ${draft.kind}`);
        entries.push({ draft, bodies });
        return 1_000;
      },
    },
    upstreams: {
      prepare: async (action): Promise<Checked<Ready>> => {
        events.push('prepare');
        return passed({
          perform: performOptions => {
            events.push('first byte');
            sent.push(action.params);
            return (
              options.reply?.(performOptions) ?? Promise.resolve(textResult('hello', performOptions.replyBytesMax))
            );
          },
          abandon: () => events.push('abandon'),
        });
      },
    },
    limits: { replyBytesMax: 1_000_000 },
  };
  return { ports: { ...base, ...options.override?.(base) }, events, entries, sent, raised, stores };
}

export function textResult(text: string, replyBytesMax: number): UpstreamReply {
  const result = jsonObject(JSON.stringify({ content: [{ type: 'text', text }] }));
  const bytes = normalText(result).length;
  return bytes > replyBytesMax
    ? { kind: 'unusable', why: 'too large', bytes, tooLarge: true }
    : { kind: 'result', result, bytes };
}
