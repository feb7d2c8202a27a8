import type { JsonObject } from '@sallyport/core/model/json.ts';
import { withMember, withoutMembers } from './json-edit.ts';
import { ownMetaPrefix } from './protocol.ts';

/** `_meta` under our own prefix is the gateway's word: a server must not be able to forge a refusal or its remedy. */
export function withoutOurs(said: JsonObject): JsonObject {
  const meta = said.members.get('_meta');
  const ours = meta?.kind === 'object' ? [...meta.members.keys()].filter(key => key.startsWith(ownMetaPrefix)) : [];
  return meta?.kind === 'object' && ours.length > 0 ? withMember(said, '_meta', withoutMembers(meta, ours)) : said;
}
