import { createHash } from 'node:crypto';
import type { Ready, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { makeAction } from '@sallyport/core/model/action.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { ActingMethod, Call, Notice } from '@sallyport/core/model/call.ts';
import type { Pinned } from '@sallyport/core/model/entry.ts';
import type { Question } from '@sallyport/core/model/question.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { findTool, type Tool } from '@sallyport/core/model/tool.ts';
import { Discovery } from '@sallyport/gateway/discovery/discovery.ts';
import { memoryPinStore, type PinStore } from '@sallyport/gateway/discovery/pin-store.ts';
import type { ServerConfig } from '@sallyport/gateway/upstreams/config.ts';
import type { ConnectionKey } from '@sallyport/gateway/upstreams/key.ts';
import type { UpstreamLimits } from '@sallyport/gateway/upstreams/limits.ts';
import {
  createUpstreams,
  type RunningUpstreams,
  type UpstreamsOptions,
} from '@sallyport/gateway/upstreams/upstreams.ts';
import { fakeAgent, jsonObject } from '../fakes/ports.ts';
import { fakeTask } from '../fakes/task.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Upstreams and discovery as the app wires them, without a line before them: tests speak to the ports directly. */
export interface Rig {
  readonly upstreams: RunningUpstreams;
  readonly discovery: Discovery;
  readonly log: readonly string[];
  readonly pinned: readonly Omit<Pinned, 'id'>[];
  readonly updates: readonly (readonly [ConnectionKey, string])[];
  readonly prepare: (ask: Ask) => Promise<Checked<Ready>>;
  /** Prepares and performs; a refusal before the first byte throws its reason. */
  readonly call: (ask: Ask) => Promise<UpstreamReply>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface Ask {
  readonly server: string;
  readonly tool: string;
  /** JSON text, so that number text can be chosen. */
  readonly input?: string;
  readonly method?: ActingMethod;
  readonly agent?: Partial<Agent>;
  readonly task?: Partial<Task>;
  readonly signal?: AbortSignal;
  readonly replyBytesMax?: number;
  readonly wantsProgress?: boolean;
  readonly notices?: Notice[];
  readonly onQuestion?: (question: Question) => void;
  /** The tool as the decision saw it, where the catalogue has moved on. */
  readonly as?: Tool;
}

export interface RigOptions {
  readonly servers: readonly ServerConfig[];
  readonly stateDir: string;
  readonly limits?: Partial<UpstreamLimits>;
  readonly store?: PinStore;
  readonly lookAs?: UpstreamsOptions['lookAs'];
  readonly listening?: UpstreamsOptions['listening'];
  readonly credentials?: UpstreamsOptions['credentials'];
  readonly beginMillisMax?: number;
  /** Whether anybody listens for news of what was subscribed to; where absent, somebody does. */
  readonly isAwaited?: () => boolean;
  /** Whether anybody wants to hear of that resource; where absent, somebody does. */
  readonly isWanted?: (uri: string) => Promise<boolean>;
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const log: string[] = [];
  const pinned: Omit<Pinned, 'id'>[] = [];
  const updates: [ConnectionKey, string][] = [];
  const discovery = new Discovery({
    servers: options.servers,
    store: options.store ?? memoryPinStore(),
    sha256,
    now: Date.now,
    log: line => log.push(line),
    onPinned: draft => pinned.push(draft),
    onCatalogue: () => {},
  });
  const upstreams = createUpstreams({
    ...options,
    sha256,
    limits: { relistMillisMin: 20, ...options.limits },
    log: line => log.push(line),
    acceptedPin: (server, key) => discovery.acceptedPin(server, key),
    on: {
      listed: (server, listing, whole) => discovery.listed(server, listing, whole),
      resourceUpdated: (key, uri) => updates.push([key, uri]),
      isAwaited: options.isAwaited ?? (() => true),
      isWanted: async (_key, uri) => (await options.isWanted?.(uri)) ?? true,
    },
  });
  await discovery.begin(upstreams, options.beginMillisMax ?? 20_000);
  const prepare = (ask: Ask): Promise<Checked<Ready>> => prepareWith(upstreams, discovery, ask);
  return {
    upstreams,
    discovery,
    log,
    pinned,
    updates,
    prepare,
    call: async ask => {
      const ready = await prepare(ask);
      if (!ready.ok) throw new Error(`${ready.refusal.code}: ${ready.refusal.why}`);
      return await performed(ready.value, ask);
    },
    [Symbol.asyncDispose]: async () => {
      await discovery.close();
      await upstreams.close();
    },
  };
}

export function performed(ready: Ready, ask: Ask): Promise<UpstreamReply> {
  return ready.perform({
    task: ask.task?.id ?? fakeTask.id,
    signal: ask.signal ?? new AbortController().signal,
    replyBytesMax: ask.replyBytesMax ?? 16 * 1024 * 1024,
    wantsProgress: ask.wantsProgress ?? false,
    onNotice: notice => ask.notices?.push(notice),
    ...(ask.onQuestion === undefined ? {} : { onQuestion: ask.onQuestion }),
  });
}

/** What a result's first content says. */
export function textOf(reply: UpstreamReply): string {
  if (reply.kind !== 'result') return `${reply.kind}: ${'why' in reply ? reply.why : reply.error.message}`;
  const content = reply.result.members.get('content');
  const first = content?.kind === 'array' ? content.items[0] : undefined;
  const text = first?.kind === 'object' ? first.members.get('text') : undefined;
  return text?.kind === 'string' ? text.value : '';
}

async function prepareWith(upstreams: RunningUpstreams, discovery: Discovery, ask: Ask): Promise<Checked<Ready>> {
  const method = ask.method ?? 'tools/call';
  const name = method === 'tools/call' ? ask.tool : `mcp:${method}`;
  const tool = ask.as ?? findTool(discovery.catalogue(), ask.server, name);
  if (tool === undefined) throw new Error(`no tool ${ask.server}/${name}`);
  const call: Pick<Call, 'server' | 'name' | 'input' | 'method'> = {
    server: ask.server,
    name,
    method,
    input: jsonObject(ask.input ?? '{}'),
  };
  const action = makeAction(call as Call, tool, sha256);
  const agent: Agent = { ...fakeAgent, ...ask.agent };
  const task: Task = { ...fakeTask, agent: agent.id, principal: agent.principal, ...ask.task };
  return await upstreams.prepare(action, agent, task, ask.signal ?? new AbortController().signal);
}
