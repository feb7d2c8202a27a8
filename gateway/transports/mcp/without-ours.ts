import { type JsonNode, type JsonObject, member } from '@sallyport/core/model/json.ts';
import { mapItems, mapMember, withMember, withoutMembers } from './wire/json-edit.ts';
import { metaKeys, ownMetaPrefix } from './wire/protocol.ts';

/**
 * `_meta` under our own prefix is the gateway's word: a server must not be able to forge a refusal or its remedy. So is on which
 * subscription of the client something comes.
 */
export function withoutOurs(said: JsonObject): JsonObject {
  const meta = said.members.get('_meta');
  const ours = meta?.kind === 'object' ? [...meta.members.keys()].filter(isOurs) : [];
  return meta?.kind === 'object' && ours.length > 0 ? withMember(said, '_meta', withoutMembers(meta, ours)) : said;
}

/**
 * The same of a whole result: wherever the protocol has a `_meta`, in its blocks, messages and resources too. Structured content is
 * data, and is not looked into; the very same object where there is nothing of ours.
 */
export function resultWithoutOurs(result: JsonObject): JsonObject {
  return lists.reduce((left, list) => mapItems(left, list, itemWithoutOurs), withoutOurs(result));
}

function isOurs(key: string): boolean {
  return key.startsWith(ownMetaPrefix) || key === metaKeys.subscriptionId;
}

const lists = ['content', 'contents', 'messages', 'resources'] as const;

function itemWithoutOurs(item: JsonNode): JsonNode {
  if (item.kind !== 'object') return item;
  const inner = (name: string, of: JsonNode): JsonNode =>
    member(of, name)?.kind === 'object' ? mapMember(of, name, itemWithoutOurs) : of;
  return inner('resource', inner('content', withoutOurs(item)));
}
