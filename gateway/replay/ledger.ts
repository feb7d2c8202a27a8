import { hash } from 'node:crypto';
import { mediate } from '@sallyport/core/mediate/line.ts';
import type { LinePorts, PerformOptions, UpstreamReply, World } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import { makeAction } from '@sallyport/core/model/action.ts';
import { type Agent, type ProofKind, trustOf } from '@sallyport/core/model/agent.ts';
import type { Call, Notice } from '@sallyport/core/model/call.ts';
import { broughtMore } from '@sallyport/core/model/declassification.ts';
import { type Endorsement, sourceReachOf } from '@sallyport/core/model/endorsement.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import type { Id, IdPrefix } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import { joinedSources, type LabelSource, sourcesOf } from '@sallyport/core/model/label.ts';
import { passed, refused } from '@sallyport/core/model/refusal.ts';
import { calm } from '@sallyport/core/model/risk.ts';
import { type Manifest, noManifest, type Task, type TaskLimits } from '@sallyport/core/model/task.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import type { WallClock } from '@sallyport/core/policy/environment.ts';
import { portOf, TaskMemories } from '@sallyport/core/provenance/memories.ts';
import { declassified, withBrought } from '@sallyport/core/task/declassify.ts';
import { endorsed } from '@sallyport/core/task/endorse.ts';
import { noUse, plus } from '@sallyport/core/task/limits.ts';
import { storesPort } from '@sallyport/core/task/stores.ts';
import { personalReader } from '../facts/readers.ts';
import type { CallStep, RecordedOpening, RecordedOutcome, Said } from './trajectory.ts';

export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** A recording has no limits of its own, and what they would have been is not known. */
const unlimited: TaskLimits = {
  callsMax: Number.MAX_SAFE_INTEGER,
  spendCentsMax: Number.MAX_SAFE_INTEGER,
  secondsMax: Number.MAX_SAFE_INTEGER,
  bytesMax: Number.MAX_SAFE_INTEGER,
  depthMax: Number.MAX_SAFE_INTEGER,
};

const replyBytesMax = 64 * 1024 * 1024;

/** How the task of a trajectory began. */
export interface Opening extends RecordedOpening {
  readonly kind: Task['kind'];
  readonly purpose: string;
  readonly manifest?: Manifest;
  readonly now: number;
  readonly wallClock?: WallClock | undefined;
  /**
   * The tools lie in the segments of a configuration, so a task that acts in one is at home there. Otherwise a recording says nothing
   * about where its task is.
   */
  readonly isPlaced?: boolean;
  /** What a person stood behind before it began. */
  readonly endorsements?: readonly Endorsement[];
}

/** What is recorded of a call beside the call itself. */
type Recording = Pick<CallStep, 'outcome' | 'inherits'>;

export interface Taken {
  readonly reply: Reply;
  /** What came back, if the call was performed and its result was let through. */
  readonly performed: { readonly node: JsonNode; readonly chars: number } | undefined;
  /** Where the line saw its values come from; undefined where it refused the call before it looked. */
  readonly ways: readonly Way[] | undefined;
}

/**
 * The line's ports for one trajectory: its agent and task live in memory, its journal keeps the last decision, and its
 * upstream gives the recorded answer. The line itself is the one that every door uses.
 */
export class ReplayLedger {
  readonly #ports: LinePorts;
  readonly #memories = new TaskMemories(sha256);
  #agent: Agent;
  #task: Task;
  readonly #stores = storesPort(new Map());
  /** How what other tasks wrote where this call goes is labelled. */
  #inherited: readonly LabelSource[] = [];
  #ids = 0;
  #approved = false;
  #decided: Decided | undefined;
  #recorded: Recorded | undefined;
  #sent: Recorded | undefined;
  #ways: readonly Way[] | undefined;
  readonly #isPlaced: boolean;

  constructor(world: World, agent: Agent, opening: Opening) {
    const { purpose, manifest = noManifest, kind, now, endorsements = [], isPlaced = false } = opening;
    this.#agent = agent;
    this.#isPlaced = isPlaced;
    this.#task = {
      id: this.#newId('t'),
      agent: agent.id,
      principal: agent.principal,
      kind,
      opener: opening.opener ?? (kind === 'ambient' ? 'gateway' : 'operator'),
      purpose,
      manifest,
      ceiling: opening.ceiling ?? 'secret',
      segments: isPlaced ? opening.segments : undefined,
      limits: unlimited,
      audience: undefined,
      parent: undefined,
      depth: 0,
      openedAt: now,
      state: { kind: 'open' },
      suspended: undefined,
      labels: new Set(),
      sources: [],
      endorsements,
      used: noUse,
      lent: noUse,
    };
    this.#ports = this.#portsFor(world, now, opening.wallClock);
  }

  /** The decision of the call that was taken last; undefined if it never became an action. */
  get decided(): Decided | undefined {
    return this.#decided;
  }

  /** Decides the call and, where it passes, performs it: its answer is the recorded one. */
  async take(call: Call, { outcome, inherits }: Recording): Promise<Taken> {
    const at = { entry: this.#newId('e'), server: call.server, tool: call.name, at: this.#task.openedAt };
    this.#inherited = sourcesOf(inherits, at);
    this.#decided = undefined;
    this.#sent = undefined;
    this.#ways = undefined;
    this.#recorded = recordedOf(outcome);
    const reply = await mediate(call, this.#ports);
    return { reply, performed: reply.kind === 'result' ? this.#sent : undefined, ways: this.#ways };
  }

  /** The same call again, with a person's recorded yes to exactly this action at hand. */
  async takeApproved(call: Call, recording: Recording): Promise<Taken> {
    this.#approved = true;
    try {
      return await this.take(call, recording);
    } finally {
      this.#approved = false;
    }
  }

  /** Further words of the principal. */
  hear(words: string): void {
    this.#memories.hear(this.#task.id, words);
  }

  /**
   * A person stands behind the sources of what a call of this tool would do, for the rest of the task and for nothing graver
   * than that call. Only where a value was found somewhere is there a source to name.
   */
  endorse(tool: Tool, ways: readonly Way[]): void {
    const sources = ways.filter(({ backing }) => backing !== 'principal').flatMap(({ found }) => found.slice(0, 1));
    const fresh = sources.map(
      ({ server, tool: name, digest }): Endorsement => ({
        entry: this.#newId('e'),
        endorsed: { kind: 'source', server, tool: name, digest },
        reach: sourceReachOf(tool.classes),
        by: 'operator',
        why: 'the principal named this source',
        at: this.#task.openedAt,
      }),
    );
    this.#task = { ...this.#task, endorsements: [...this.#task.endorsements, ...fresh] };
  }

  /** Where the values of a call that the line refuses without a look come from, as it would see them now. */
  waysOf(tool: Tool, input: JsonObject): readonly Way[] {
    const action = makeAction({ method: 'tools/call', server: tool.server, name: tool.name, input }, tool, sha256);
    return this.#memories.look(this.#task, action).ways;
  }

  /** From now on the agent shows that; undefined: what it showed before. */
  prove(proof: ProofKind | undefined): void {
    if (proof !== undefined) this.#agent = { ...this.#agent, proof, trust: trustOf[proof] };
  }

  handOver(agent: Agent, words: string): void {
    const before = this.#task.id;
    this.#agent = agent;
    this.#task = {
      ...this.#task,
      id: this.#newId('t'),
      agent: agent.id,
      opener: 'claimed',
      purpose: words,
      manifest: noManifest,
      // What was stood behind and lowered was for the task that ends here.
      endorsements: [],
      declassified: [],
      brought: broughtMore(undefined, this.#task.sources, false),
      used: noUse,
    };
    this.#memories.handOver(before, this.#task.id);
  }

  #portsFor(world: World, now: number, wallClock?: WallClock): LinePorts {
    return {
      ...(wallClock === undefined ? {} : { wallClock }),
      now: () => now,
      micros: () => 0,
      newId: prefix => this.#newId(prefix),
      digest: sha256,
      authenticate: async () => passed(this.#agent),
      world: () => world,
      flow: this.#flow(),
      stores: { ...this.#stores, held: (server, resource) => this.#held(server, resource) },
      // A single recording says nothing about what is usual.
      behaviour: { look: () => calm },
      tasks: {
        require: async () => passed(this.#task),
        reserve: async (_task, { spendCents = 0 }) =>
          passed({
            ...{ replyBytesMax, spendCents, stopped: false },
            commit: (bytes, spent = spendCents) => this.#commit(bytes, spent),
            release: () => {},
          }),
        standing: () => passed(this.#task),
        enter: (_task, segment) => !this.#isPlaced || this.#enter(segment),
        actors: () => [],
        suspend: async () => {},
        raise: (_task, sources) => this.#raise(sources),
        loosen: act => {
          this.#task =
            act.kind === 'task.endorsed' ? endorsed(this.#task, act, now) : declassified(this.#task, act, now);
        },
      },
      approvals: {
        find: () => (this.#approved ? 'ap_00000000000000000000000000' : undefined),
        use: () => true,
        giveBack: () => {},
        builtOn: () => undefined,
        ask: async () => passed(this.#newId('ap')),
      },
      journal: {
        record: async draft => {
          if (draft.kind === 'decided') this.#decided = draft;
        },
        append: () => now,
      },
      upstreams: {
        prepare: async ({ server }) =>
          this.#recorded === undefined
            ? refused({
                code: 'upstream-unavailable',
                what: server,
                why: 'it did not reach its server when it was recorded',
              })
            : passed({ perform: async options => this.#answer(options), abandon: () => {} }),
      },
      limits: { replyBytesMax },
      readPersonal: personalReader,
      // What comes out are the rules of the decision.
      explains: false,
    };
  }

  #flow(): LinePorts['flow'] {
    const { look, read } = portOf(this.#memories);
    return {
      look: (task, action) => {
        const looked = look(task, action);
        this.#ways = looked.ways;
        return looked;
      },
      read,
    };
  }

  #answer({ replyBytesMax: bytesMax, onNotice }: PerformOptions): UpstreamReply {
    const recorded = this.#recorded;
    if (recorded === undefined) return { kind: 'lost', sent: true, code: 'upstream-unavailable', why: 'no recording' };
    for (const said of recorded.said) onNotice(noticeOf(said));
    const bytes = Buffer.byteLength(recorded.text);
    if (bytes > bytesMax) return { kind: 'unusable', why: `it has more than ${bytesMax} bytes`, bytes };
    this.#sent = recorded;
    return { kind: 'result', result: recorded.result, bytes };
  }

  #held(server: string, resource: string | undefined): readonly LabelSource[] {
    return joinedSources(this.#stores.held(server, resource), this.#inherited);
  }

  #commit(bytes: number, spendCents: number): void {
    const { used } = this.#task;
    this.#task = { ...this.#task, used: plus(used, { calls: 1, bytes, spendCents }) };
  }

  #enter(segment: string): boolean {
    const { segments = [segment] } = this.#task;
    this.#task = { ...this.#task, segments };
    return segments.includes(segment);
  }

  #raise(sources: readonly LabelSource[]): void {
    this.#task = withBrought(this.#task, sources);
    const fresh = sources.filter(({ label }) => !this.#task.labels.has(label));
    if (fresh.length === 0) return;
    const labels = new Set([...this.#task.labels, ...fresh.map(({ label }) => label)]);
    this.#task = { ...this.#task, labels, sources: [...this.#task.sources, ...fresh] };
  }

  #newId<P extends IdPrefix>(prefix: P): Id<P> {
    return `${prefix}_${String(++this.#ids).padStart(26, '0')}`;
  }
}

interface Recorded {
  readonly node: JsonNode;
  readonly text: string;
  readonly chars: number;
  readonly result: JsonObject;
  readonly said: readonly Said[];
}

/** A recorded answer as MCP's `CallToolResult`: as it stands there, else one text block, JSON where the record holds JSON. */
function recordedOf({ kind, node, said }: RecordedOutcome): Recorded | undefined {
  if (kind === 'unsent') return undefined;
  if (kind === 'answer' && node.kind === 'object') {
    const whole = normalText(node);
    return { node, text: whole, chars: whole.length, result: node, said };
  }
  const text = node.kind === 'string' ? node.value : normalText(node);
  const block: JsonObject = {
    kind: 'object',
    members: new Map<string, JsonNode>([
      ['type', { kind: 'string', value: 'text' }],
      ['text', { kind: 'string', value: text }],
    ]),
  };
  const members = new Map<string, JsonNode>([['content', { kind: 'array', items: [block] }]]);
  if (kind === 'error') members.set('isError', { kind: 'boolean', value: true });
  return { node, text, chars: text.length, result: { kind: 'object', members }, said };
}

function noticeOf({ via, text }: Said): Notice {
  const value: JsonNode = { kind: 'string', value: text };
  if (via === 'log') return { method: 'notifications/message', params: objectOf({ level: infoLevel, data: value }) };
  return { method: 'notifications/progress', params: objectOf({ message: value }) };
}

const infoLevel: JsonNode = { kind: 'string', value: 'info' };

function objectOf(members: Readonly<Record<string, JsonNode>>): JsonObject {
  return { kind: 'object', members: new Map(Object.entries(members)) };
}
