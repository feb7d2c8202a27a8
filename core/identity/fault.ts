/**
 * Why a proof does not hold. Each is a refusal of its own in the record and in `why`; whoever sent it is told nothing
 * but that nothing was proven (D-12).
 */
export type ProofReason =
  // nothing that could be read
  | 'missing'
  | 'malformed'
  | 'too-large'
  | 'encoding'
  | 'header'
  | 'token-type'
  // the signature and its key
  | 'algorithm'
  | 'key-unknown'
  | 'key-unfit'
  | 'keys-unavailable'
  | 'signature'
  // what it says
  | 'issuer'
  | 'audience'
  | 'subject'
  | 'claim'
  | 'expired'
  | 'not-yet-valid'
  | 'too-long-lived'
  // whether it still counts
  | 'replayed'
  | 'revoked'
  | 'binding'
  | 'nonce'
  // whose it is
  | 'no-agent'
  | 'many-agents'
  | 'unknown-secret'
  | 'exchange-only';

export interface ProofFault {
  readonly reason: ProofReason;
  /** In words, naming claims and fields; never a value and never a part of the proof. */
  readonly detail: string;
  /** The configured trust that the proof was held against, once that is known. */
  readonly trust?: string;
}

export type Proven<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ProofFault };

export function proven<T>(value: T): Proven<T> {
  return { ok: true, value };
}

export function unproven(
  reason: ProofReason,
  detail: string,
  trust?: string,
): { readonly ok: false; readonly fault: ProofFault } {
  return { ok: false, fault: { reason, detail, ...(trust === undefined ? {} : { trust }) } };
}
