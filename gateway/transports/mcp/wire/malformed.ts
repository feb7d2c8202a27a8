import type { JsonFault } from '@sallyport/core/model/json.ts';
import { errorCodes } from './protocol.ts';

/** A message that is not one: refused with a JSON-RPC error that names the field. Nothing of it goes anywhere. */
export interface Malformed {
  readonly code: number;
  readonly status: number;
  /** `params.name`, `id`, or a header's name; member names only, never values. */
  readonly field: string;
  readonly why: string;
  /** JSON text of the request's id, where one could be read that is unambiguous. */
  readonly id?: string;
  /** Further members of `error.data`, where the protocol defines them. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly malformed: Malformed };

export function read<T>(value: T): Read<T> {
  return { ok: true, value };
}

export function bad(malformed: Malformed): { readonly ok: false; readonly malformed: Malformed } {
  return { ok: false, malformed };
}

export function invalidRequest(field: string, why: string): Malformed {
  return { code: errorCodes.invalidRequest, status: 400, field, why };
}

export function invalidParams(field: string, why: string): Malformed {
  return { code: errorCodes.invalidParams, status: 400, field, why };
}

export function headerMismatch(field: string, why: string): Malformed {
  return { code: errorCodes.headerMismatch, status: 400, field, why };
}

export function unparsable(fault: JsonFault): Malformed {
  const field = fault.path === '' ? 'body' : fault.path;
  return { code: errorCodes.parse, status: fault.code === 'too-large' ? 413 : 400, field, why: fault.message };
}

/** The `error` member, JSON text. */
export function malformedText({ code, field, why, data }: Malformed): string {
  return JSON.stringify({ code, message: `${field}: ${why}`, data: { code: 'malformed', field, why, ...data } });
}

/** A member's name as it may be shown: what is not a plain word is quoted, and long ones cut. */
export function shownName(name: string): string {
  return /^[A-Za-z_$][\w$-]{0,63}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}
