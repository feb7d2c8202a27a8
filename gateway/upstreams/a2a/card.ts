import { type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import { isSigned, type VerifySignature } from './card-signature.ts';
import type { PeerConfig } from './config.ts';

/** A card that counts, and where the agent that it describes is reached. */
export interface PeerCard {
  readonly card: JsonObject;
  /** Its endpoint of A2A 1.0, and how it is spoken to there. */
  readonly endpoint: URL;
  readonly binding: PeerBinding;
  /** Whom the agent wants to be asked as, where the card says so: a prefix of the paths of HTTP+JSON. */
  readonly tenant: string | undefined;
}

export type PeerBinding = 'rpc' | 'rest';

/** What a card has to be before a byte of a call is sent to what it names. */
export async function readCard(card: JsonNode, peer: PeerConfig, verify: VerifySignature): Promise<Checked<PeerCard>> {
  if (card.kind !== 'object') return unfit(peer, 'its card is not a JSON object');
  if (peer.keys !== undefined && !(await isSigned(card, peer.keys, verify)))
    return unfit(peer, 'its card is not signed with a key that is configured for it');
  const interfaces = member(card, 'supportedInterfaces');
  const offered = interfaces?.kind === 'array' ? interfaces.items : [];
  const spoken = offered.filter(one => /^1(?:\.\d+)*$/.test(stringMember(one, 'protocolVersion') ?? ''));
  if (spoken.length === 0) return unfit(peer, 'it speaks no A2A 1.0; older versions are not spoken here');
  const over = (name: string): JsonNode | undefined =>
    spoken.find(one => stringMember(one, 'protocolBinding') === name);
  const rpc = over('JSONRPC');
  const chosen = rpc ?? over('HTTP+JSON');
  if (chosen === undefined) return unfit(peer, 'it offers A2A 1.0 neither over JSON-RPC nor over HTTP+JSON');
  const endpoint = URL.parse(stringMember(chosen, 'url') ?? '');
  // A card must not lead what is meant for one machine, credentials included, to another.
  if (endpoint === null || endpoint.origin !== new URL(peer.url).origin)
    return unfit(peer, 'its card names an endpoint on another host than its configured address');
  const tenant = stringMember(chosen, 'tenant');
  if (tenant !== undefined && !/^[A-Za-z0-9._-]{0,128}$/.test(tenant))
    return unfit(peer, 'its card names a tenant that cannot stand in a path');
  return passed({ card, endpoint, binding: rpc === undefined ? 'rest' : 'rpc', tenant });
}

function unfit({ id }: PeerConfig, why: string): Checked<never> & { readonly refusal: Refusal } {
  return refused({
    code: 'upstream-unavailable',
    what: id,
    why,
    fix: 'an operator can look at the agent and its section in the configuration',
  });
}
