import type { ServerResponse } from 'node:http';
import type { Guarded } from './guard.ts';
import type { Request } from './request.ts';
import { sendMethodNotAllowed } from './respond.ts';

/** One guarded request and its response. */
export interface Exchange extends Guarded {
  readonly method: string;
  readonly req: Request;
  readonly res: ServerResponse;
  /** For routes added with `under`: what follows the prefix, without a slash at its start. Empty for exact routes. */
  readonly rest: string;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

/** What is there to be read, and does nothing (RFC 9110 §9.2.1). */
export function readOnly(handler: Handler): Handler {
  return exchange => {
    if (exchange.method === 'GET' || exchange.method === 'HEAD') return handler(exchange);
    sendMethodNotAllowed(exchange.res, 'GET, HEAD');
  };
}

export interface Router {
  /** Exactly this path and no other spelling of it. */
  readonly exact: (path: string, handler: Handler) => void;
  /** Every path below `prefix`, which ends in a slash. */
  readonly under: (prefix: string, handler: Handler) => void;
  readonly find: (path: string) => { readonly handler: Handler; readonly rest: string } | undefined;
}

/**
 * Plain words between single slashes. There is no decoding and no normalisation: `//mcp`, `%6dcp`, `/./mcp`, `/mcp;x`
 * and `/mcp/` are other paths than `/mcp`, and nothing is there (CVE-2026-26205: one path to policy, another to the
 * server). At its very end a path may name what is to be done, `/tasks/7:cancel`.
 */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+(?::[a-z]{1,16})?$/;

export function createRouter(): Router {
  const exact = new Map<string, { readonly handler: Handler; readonly rest: string }>();
  const prefixes: { readonly prefix: string; readonly handler: Handler }[] = [];
  return {
    exact: (path, handler) => void exact.set(path, { handler, rest: '' }),
    under: (prefix, handler) => void prefixes.push({ prefix, handler }),
    find: path => {
      const found = exact.get(path);
      if (found !== undefined) return found;
      if (!plainPath.test(path)) return undefined;
      const below = prefixes.find(({ prefix }) => path.startsWith(prefix));
      return below && { handler: below.handler, rest: path.slice(below.prefix.length) };
    },
  };
}
