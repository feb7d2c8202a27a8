import { type SignatureAlgorithm, signatureAlgorithms } from '@sallyport/core/identity/algorithm.ts';
import { type KeySet, keyFor, type VerificationKey } from '@sallyport/core/identity/key-set.ts';
import {
  type JsonNode,
  type JsonObject,
  member,
  parseJson,
  sortedText,
  stringMember,
} from '@sallyport/core/model/json.ts';

/** Checks a compact JWS with one key (`gateway/identity`). */
export type VerifySignature = (jws: string, key: VerificationKey, alg: SignatureAlgorithm) => Promise<boolean>;

const signaturesMax = 8;

/**
 * Whether one of the configured keys signed this card (A2A 1.0 §8.4): a JWS over the RFC 8785 text of the card without its
 * signatures and without default values. Two such texts are in use, with and without required fields that are empty; both
 * say the same. Keys come from the configuration alone: `jku` is never followed.
 */
export async function isSigned(card: JsonObject, keys: KeySet, verify: VerifySignature): Promise<boolean> {
  const signatures = member(card, 'signatures');
  if (signatures?.kind !== 'array') return false;
  const payloads = payloadsOf(card).map(text => Buffer.from(text).toString('base64url'));
  for (const signature of signatures.items.slice(0, signaturesMax)) {
    const found = keyOf(signature, keys);
    if (found === undefined) continue;
    for (const payload of payloads)
      if (await verify(`${found.head}.${payload}.${found.signature}`, found.key, found.alg)) return true;
  }
  return false;
}

function keyOf(node: JsonNode, keys: KeySet) {
  const [head, signature] = [stringMember(node, 'protected'), stringMember(node, 'signature')];
  if (head === undefined || signature === undefined || !/^[\w-]+$/.test(head) || !/^[\w-]+$/.test(signature))
    return undefined;
  const header = parseJson(Buffer.from(head, 'base64url').toString(), limits);
  if (!header.ok || member(header.node, 'crit') !== undefined || member(header.node, 'b64') !== undefined)
    return undefined;
  const named = { alg: stringMember(header.node, 'alg') ?? '', kid: stringMember(header.node, 'kid') };
  const found = named.kid === undefined ? undefined : keyFor(keys, named, signatureAlgorithms);
  return found?.ok ? { head, signature, ...found.value } : undefined;
}

const limits = { charsMax: 8_192, depthMax: 8, valuesMax: 200, numberCharsMax: 32, reservedMembers: 'keep' } as const;

/** Members that stand in the text although they are empty (`specification/a2a.proto`, REQUIRED). */
const required: Readonly<Record<string, readonly string[]>> = {
  '': [
    'name',
    'description',
    'supportedInterfaces',
    'version',
    'capabilities',
    'defaultInputModes',
    'defaultOutputModes',
    'skills',
  ],
  skills: ['id', 'name', 'description', 'tags'],
  supportedInterfaces: ['url', 'protocolBinding', 'protocolVersion'],
  provider: ['url', 'organization'],
};

function payloadsOf(card: JsonObject): readonly string[] {
  const { members } = card;
  const bare: JsonObject = { kind: 'object', members: new Map([...members].filter(([name]) => name !== 'signatures')) };
  const texts = [pruned(bare, '', true), pruned(bare, '', false)].map(node => sortedText(node ?? bare));
  return [...new Set(texts)];
}

/** Without what is empty; `keep`: but for required members. A flag that stands there was set, and stays. */
function pruned(node: JsonNode, place: string, keep: boolean): JsonNode | undefined {
  if (node.kind === 'null' || (node.kind === 'string' && node.value === '')) return undefined;
  if (node.kind === 'array') {
    const items = node.items.flatMap(item => pruned(item, place, keep) ?? []);
    return items.length === 0 ? undefined : { kind: 'array', items };
  }
  if (node.kind !== 'object') return node;
  const members = [...node.members].flatMap(([name, value]): [string, JsonNode][] => {
    const own = pruned(value, name, keep);
    if (own !== undefined) return [[name, own]];
    return keep && required[place]?.includes(name) ? [[name, value]] : [];
  });
  return members.length === 0 ? undefined : { kind: 'object', members: new Map(members) };
}
