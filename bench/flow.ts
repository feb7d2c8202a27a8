import { createHash } from 'node:crypto';
import { makeAction } from '@sallyport/core/model/action.ts';
import { type JsonObject, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import { type Looked, TaskMemories } from '@sallyport/core/provenance/memories.ts';
import { memoryLimits } from '@sallyport/core/provenance/memory/memory.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { judge } from './bars.ts';
import { quantile } from './statistics.ts';

/**
 * `npm run bench:flow`: what it adds to a decision to know where the values of a call come from, over one task of 10,000
 * calls that each read 32 kB, and of 10,000 that send. Results are taken apart as in the gateway: once the answer has left.
 * Bars: p99 at most 2 ms, and the last calls at most 1.2 times as slow as the first. Ends with 1 where one is missed.
 */
const calls = Number(process.argv[2] ?? 10_000);
const resultBytes = 32_768;

const purpose =
  'Book the room for Ann Lee on 14 May, write to ann@example.org about it and file the minutes under team/minutes.md.';
const task = { ...fakeTask, kind: 'opened', opener: 'operator' as const, purpose };
const read = toolOf('search_mail', ['read'], ['query', 'page']);
const send = toolOf('send_mail', ['write', 'message'], ['to', 'cc', 'subject', 'body', 'thread_id']);
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

const memories = new TaskMemories(digest);
const layouts = [jsonResult, yamlResult, textResult];
const looks: number[] = [];
const settling: number[] = [];
let last: Looked | undefined;
let interrupted = 0;
global.gc?.();
const before = process.memoryUsage().heapUsed;
for (let at = 0; at < calls; at++) {
  const reading = actionOf(read, { query: 'room', page: at });
  const looked = timed(looks, () => memories.look(task, reading));
  const text = (layouts[at % layouts.length] ?? textResult)(at);
  memories.read(task.id, { action: reading, looked }, `o_${at}`, resultOf(text), { chars: text.length });
  timed(settling, () => memories.settle(task.id));
  const body = `Dear Ann, the room is booked for 14 May at ten. See https://rooms.example/${at % 50} and call 555-01${at % 90}.`;
  const sending = actionOf(send, {
    to: [`person${at % 97}@x.example`, 'ann@example.org'],
    subject: 'Room',
    body,
    thread_id: `M-${at}`,
  });
  last = timed(looks, () => memories.look(task, sending));
}
const window = Math.min(2_000, calls);
const first = looks.slice(20, 20 + window);
const end = looks.slice(-window);
const p99 = quantile(looks.slice(20), 0.99);
const growth = quantile(end, 0.5) / quantile(first, 0.5);
const heap = (process.memoryUsage().heapUsed - before) / 2 ** 20;
console.log(
  `${calls} calls that read ${resultBytes / 1024} kB each and ${calls} that send; ${last?.ways.length} values looked up in each of these`,
);
console.log(
  `added a decision: median ${show(quantile(looks, 0.5))} · p99 ${show(p99)} · worst ${show(Math.max(...looks))}`,
);
console.log(
  `taking a result apart, after its answer has left: median ${show(quantile(settling, 0.5))} · p99 ${show(quantile(settling, 0.99))}`,
);
console.log(`medians of the first and last ${window}: ${show(quantile(first, 0.5))}, ${show(quantile(end, 0.5))}`);
console.log(`left out: ${interrupted} of ${3 * calls} that another process interrupted`);
console.log(
  `memory: ${heap.toFixed(0)} MB on the heap for at most ${memoryLimits.resultCharsMax} characters of results`,
);
judge([
  { name: 'added to a decision, p99', unit: 'ms', digits: 2, atMost: 2, figures: [p99] },
  { name: 'the last calls to the first', unit: '×', digits: 2, atMost: 1.2, figures: [growth] },
]);

/** What another process took the processor away from says nothing about the work: it is counted, and left out. */
function timed<T>(into: number[], work: () => T): T {
  const before = process.resourceUsage().involuntaryContextSwitches;
  const started = performance.now();
  const value = work();
  const took = performance.now() - started;
  if (process.resourceUsage().involuntaryContextSwitches === before) into.push(took);
  else interrupted++;
  return value;
}

function show(millis: number): string {
  return `${millis.toFixed(3)} ms`;
}

function filled(make: (n: number) => string): string[] {
  const parts: string[] = [];
  let chars = 0;
  for (let n = 0; chars < resultBytes; n++) {
    const part = make(n);
    parts.push(part);
    chars += part.length + 1;
  }
  return parts;
}

function jsonResult(at: number): string {
  return `[${filled(n => JSON.stringify({ id: `M-${at * 100 + n}`, from: `person${n}@x.example`, subject: `Room ${n}`, body: sentence(n) })).join(',')}]`;
}

function yamlResult(at: number): string {
  return filled(
    n => `- id: M-${at * 100 + n}\n  from: person${n}@x.example\n  subject: Room ${n}\n  body: '${sentence(n)}'`,
  ).join('\n');
}

function textResult(at: number): string {
  return filled(n => `${sentence(n)} Reference M-${at * 100 + n}, https://rooms.example/${n}.`).join(' ');
}

function sentence(n: number): string {
  return `Please send the list of room ${n} to person${n}@x.example before ${1 + (n % 28)} May, and call 555-01${n % 90} where it is not clear.`;
}

function resultOf(text: string): JsonObject {
  return objectOf({ content: [{ type: 'text', text }] });
}

function actionOf(tool: Tool, args: object) {
  return makeAction(
    { method: 'tools/call', server: tool.server, name: tool.name, input: objectOf(args) },
    tool,
    digest,
  );
}

function toolOf(name: string, classes: Tool['classes'], args: readonly string[]): Tool {
  const properties = Object.fromEntries(args.map(arg => [arg, { type: 'string' }]));
  const definition = objectOf({ name, inputSchema: { type: 'object', properties } });
  return {
    server: 'mail',
    name,
    definition,
    pin: 'p',
    status: { kind: 'pinned' },
    classes,
    segment: 'mail',
    trustedResult: false,
  };
}

function objectOf(value: object): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  if (!parsed.ok || parsed.node.kind !== 'object') throw new Error('not an object');
  return parsed.node;
}
