import type { ServerResponse } from 'node:http';
import { faultText, type HttpFault } from './fault.ts';

/** One write, one packet. `extra` is names and values in turn. */
export function sendJson(res: ServerResponse, status: number, text: string, extra: readonly string[] = []): void {
  if (res.headersSent || res.destroyed) return;
  const length = String(Buffer.byteLength(text));
  res.writeHead(status, ['content-type', 'application/json', 'content-length', length, ...noStore, ...extra]);
  res.end(text);
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
  const fault = { status: 405, code: 'method-not-allowed', field: 'method', why: `only ${allow} is offered here` };
  sendJson(res, 405, faultText(fault), ['allow', allow]);
}

/** Answers depend on who asks, and are never anyone else's. */
const noStore: readonly string[] = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];
