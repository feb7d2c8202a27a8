import type { ServerResponse } from 'node:http';
import { faultText, type HttpFault, httpFault } from './fault.ts';

/** One write, one packet. `extra` is names and values in turn. */
export function sendJson(res: ServerResponse, status: number, text: string, extra: readonly string[] = []): void {
  if (res.headersSent || res.destroyed) return;
  const bytes = Buffer.byteLength(text);
  const length = String(bytes);
  const head = ['content-type', 'application/json', 'content-length', length, ...noStore];
  res.writeHead(status, extra.length === 0 ? head : [...head, ...extra]);
  if (unsent.length === 0) setImmediate(sendAll);
  unsent.push({ res, text, encoding: bytes === text.length ? 'latin1' : 'utf8' });
  if (unsent.length === answersTogether) sendAll();
}

interface Unsent {
  readonly res: ServerResponse;
  readonly text: string;
  /** The one that costs least: text that takes as many bytes as it has characters is ASCII. */
  readonly encoding: 'latin1' | 'utf8';
}

/**
 * What is answered in one turn of the event loop goes out two at a time, and the rest at its end: to wake a reader is the dearest part of
 * a write, and the first one wakes it for both. More at a time would leave it waiting (docs/reference/performance.md).
 */
const answersTogether = 2;
let unsent: Unsent[] = [];

function sendAll(): void {
  const answers = unsent;
  unsent = [];
  for (const { res, text, encoding } of answers) res.end(text, encoding);
}

/** Does `work` once what is answered in this turn is on its way: asked for first, an immediate of its own would run before `sendAll`. */
export function onceSent(work: () => void): void {
  setImmediate(() => setImmediate(work));
}

/** Does `work` once the answer has left, or nobody is there any more to read it. */
export function onceRead(res: ServerResponse, work: () => void): void {
  if (res.closed) work();
  else res.once('close', work);
}

export function sendEmpty(res: ServerResponse, status: number, extra: readonly string[] = []): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, status === 204 || status === 202 ? [...extra] : ['content-length', '0', ...extra]);
  res.end();
}

/** After a refused request nothing more is read from the connection: what follows might be its smuggled tail. */
export function sendFault(res: ServerResponse, fault: HttpFault, extra: readonly string[] = []): void {
  sendJson(res, fault.status, faultText(fault), ['connection', 'close', ...extra]);
}

export function sendMethodNotAllowed(res: ServerResponse, allow: string): void {
  const fault = httpFault(405, 'method-not-allowed', 'method', `only ${allow} is offered here`, `use ${allow}`);
  sendJson(res, 405, faultText(fault), ['allow', allow]);
}

/** Answers depend on who asks, and are never anyone else's. */
const noStore: readonly string[] = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];
