import type { Exchange } from '../http/router.ts';
import { headerNames } from '../mcp/http/head.ts';

/** A2A 1.0, as a header or a parameter of the query says (§3.6.1). Where neither does, 0.3 is meant. */
export function speaksOurs({ headers, query }: Pick<Exchange, 'headers' | 'query'>): boolean {
  const named = headers.get(headerNames.a2aVersion) ?? new URLSearchParams(query ?? '').get('A2A-Version') ?? '0.3';
  return /^1\.0(?:\.\d+)?$/.test(named);
}
