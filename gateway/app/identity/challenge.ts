import { dpopAlgorithms } from '@sallyport/core/identity/dpop.ts';
import type { RefusedProof } from '@sallyport/core/model/refusal.ts';
import { scopes } from '../../tokens/resources.ts';
import type { Exchange } from '../../transports/http/router.ts';
import type { Identity } from './identity.ts';

export interface Challenged {
  readonly exchange: Pick<Exchange, 'headers' | 'path'>;
  readonly proof: RefusedProof | undefined;
  /** The scopes that a token lacks which is good otherwise. */
  readonly lacking?: readonly string[];
}

/**
 * What a client needs to find our authorization server and to prove itself there (RFC 9728 §5.1, RFC 9449 §7.1). It says
 * whether something was sent and, where that was a DPoP proof without our nonce, that; nothing else about it (D-12).
 */
export function challengeOf(
  { exchange, proof, lacking }: Challenged,
  { addresses, nonces }: Identity,
): readonly string[] {
  const { headers, path } = exchange;
  const where = `${addresses.baseFor(headers.get('host'))}/.well-known/oauth-protected-resource${path}`;
  const sent = headers.get('authorization') ?? '';
  const wanted = lacking === undefined ? scopes : [...new Set([...lacking])];
  const error = lacking !== undefined ? 'insufficient_scope' : sent === '' ? undefined : 'invalid_token';
  const common = [
    ...(error === undefined ? [] : [`error="${error}"`]),
    `scope="${wanted.join(' ')}"`,
    `resource_metadata="${where}"`,
  ];
  if (!/^dpop /i.test(sent)) return ['www-authenticate', `Bearer realm="sallyport", ${common.join(', ')}`];
  const demanded = proof?.reason === 'nonce' ? ['error="use_dpop_nonce"', ...common.slice(1)] : common;
  const algorithms = `algs="${dpopAlgorithms.join(' ')}"`;
  return [
    ...['www-authenticate', `DPoP realm="sallyport", ${[...demanded, algorithms].join(', ')}`],
    ...['dpop-nonce', nonces.current()],
  ];
}
