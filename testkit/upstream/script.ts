/** What the scripted upstream does. All of it is data, so that a scenario can say it. */
export interface Script {
  readonly era?: 'legacy' | 'modern' | 'both';
  /** `tools/list`; where absent, one tool for each act. */
  readonly tools?: readonly unknown[];
  /** What a tool returns, by its name: a whole result, in which `$ARGS` is what it was called with. */
  readonly results?: Readonly<Record<string, unknown>>;
  readonly prompts?: readonly unknown[];
  readonly templates?: readonly unknown[];
  readonly instructions?: string;
  /** Every byte received is appended to this file. */
  readonly record?: string;
  /** The process id of every start is appended to this file. */
  readonly starts?: string;
  /** How the server begins: `exit` at once, `noise` on standard output, `silent` for ever, `banner` on standard error. */
  readonly begin?: 'exit' | 'noise' | 'silent' | 'banner';
  /** It takes long to start: it hears nothing before this file is there. */
  readonly startsWith?: string;
  /** What a server of the old era does when it is asked `server/discover`. */
  readonly onProbe?: 'error' | 'exit' | 'silence' | 'noise';
  readonly ignoreSigterm?: boolean;
  /** A grandchild that sleeps, whose process id is appended to this file. */
  readonly grandchild?: string;
  /** Standard error is flooded with this many bytes. */
  readonly stderrBytes?: number;
  /** After so many calls `tools/list` answers this, said with `list_changed` or not. */
  readonly change?: { readonly afterCalls: number; readonly tools: readonly unknown[]; readonly announce: boolean };
  /** Each list that is asked for has changed, it says, before it is there. */
  readonly restless?: boolean;
  /** Items on one page of a list. */
  readonly pageItems?: number;
  /** How long each page takes. */
  readonly pageMillis?: number;
  /** A resource that is subscribed to has not changed at that moment. */
  readonly quiet?: boolean;
  /** It knows no resource of this URI, and refuses a whole `subscriptions/listen` that names it. */
  readonly unknownResource?: string;
  /** It tells nothing of a resource of this URI, and leaves it out of what it acknowledges. */
  readonly untoldResource?: string;
  /** HTTP: `tools/list` and calls are refused without this header, as `name: value`. */
  readonly requires?: string;
  /** HTTP: answers are events even where JSON would do. */
  readonly stream?: boolean;
  readonly protocolVersion?: string;
}

/** One tool for each way to answer; the name says what happens. `scenarios/attacks` and the tests use these words. */
const acts = [
  'echo',
  'never',
  'exit',
  'error',
  'tool-error',
  'big',
  'split',
  'two-values',
  'noise',
  'newline-in-frame',
  'invalid-utf8',
  'duplicate-member',
  'large-integer',
  'lone-surrogate',
  'batch',
  'wrong-id',
  'text-id',
  'twice',
  'ahead',
  'sse-text',
  'progress',
  'log',
  'news',
  'cancel',
  'notice-flood',
  'stray-flood',
  'sampling',
  'elicit-url',
  'roots',
  'elicit-wait',
  'ping',
  'input-required',
  'close-stdout',
  'stop-self',
  'no-newline-flood',
  'crawl',
  'env',
  'reset',
  'redirect',
  'status-500',
  'html',
  'compressed',
  'empty',
  'endless-events',
  'stays-open',
  'answers-elsewhere',
  'breaks-and-answers-elsewhere',
  'breaks-and-logs-elsewhere',
  'leak-headers',
  'environment',
  'environment-names',
  'session-lost',
] as const;

export type Act = (typeof acts)[number];

export function toolsFor(names: readonly string[] = acts): unknown[] {
  return names.map(name => ({
    name,
    description: `Does what its name says: ${name}.`,
    inputSchema: {
      type: 'object',
      properties: {
        text: { type: 'string' },
        count: { type: 'number' },
        more: { type: 'object', additionalProperties: true },
      },
    },
  }));
}

/** A13: everything that could end or begin an event, or a line, if somebody did not escape it. */
export const eventText =
  'a\n\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[]}}\n\n\rdata: x\revent: y\nid: 7\n\u2028\u2029: z';
