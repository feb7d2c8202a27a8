import { type JsonNode, type JsonObject, member, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';

/**
 * Another agent's card as those who reach it through us see it: its endpoints are ours, and so is what proves a caller. Its
 * signatures were checked and are left out: they are about the card as it was.
 */
export function outwardCard(card: JsonObject, base: string, push: boolean): JsonObject {
  const members = new Map(card.members);
  for (const name of ['signatures', 'securitySchemes', 'securityRequirements', 'url', 'additionalInterfaces'])
    members.delete(name);
  const capabilities = member(card, 'capabilities');
  if (!push && capabilities?.kind === 'object')
    members.set('capabilities', {
      kind: 'object',
      members: new Map([...capabilities.members].filter(([name]) => name !== 'pushNotifications')),
    });
  members.set('supportedInterfaces', interfaces(base));
  members.set('securitySchemes', read('{"sallyport":{"httpAuthSecurityScheme":{"scheme":"Bearer"}}}'));
  members.set('securityRequirements', read('[{"schemes":{"sallyport":{"list":[]}}}]'));
  return { kind: 'object', members };
}

function interfaces(base: string): JsonNode {
  const url = JSON.stringify(base);
  const one = (binding: string): string => `{"url":${url},"protocolBinding":"${binding}","protocolVersion":"1.0"}`;
  return read(`[${one('JSONRPC')},${one('HTTP+JSON')}]`);
}

function read(text: string): JsonNode {
  const parsed = parseJson(text, resultJsonLimits);
  if (!parsed.ok) throw new TypeError('a text of our own is no JSON');
  return parsed.node;
}
