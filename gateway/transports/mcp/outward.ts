import type { ActingMethod } from '@sallyport/core/model/call.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, stringMember } from '@sallyport/core/model/json.ts';
import { outerUri, type Scope } from './names.ts';
import { mapItems, mapMember, mapString } from './wire/json-edit.ts';

/**
 * Rewrites the resource URIs of a result to the form under which this connection can ask for them. On `/mcp/<server>`
 * the result is not touched. Text and structured content are never searched: only members that the protocol defines as
 * URIs of this server's resources.
 */
export function outwardResult(method: ActingMethod, result: JsonObject, scope: Scope, server: ServerId): JsonObject {
  if (scope.kind === 'one') return result;
  const uri = (node: JsonNode): JsonNode => mapString(node, text => outerUri(scope, server, text));
  switch (method) {
    case 'tools/call':
      return mapItems(result, 'content', item => outwardContent(item, uri));
    case 'prompts/get':
      return mapItems(result, 'messages', message =>
        mapMember(message, 'content', content => outwardContent(content, uri)),
      );
    case 'resources/read':
      return mapItems(result, 'contents', item => mapMember(item, 'uri', uri));
    case 'resources/list':
      return mapItems(result, 'resources', item => mapMember(item, 'uri', uri));
    default:
      return result;
  }
}

function outwardContent(item: JsonNode, uri: (node: JsonNode) => JsonNode): JsonNode {
  const type = stringMember(item, 'type');
  if (type === 'resource_link') return mapMember(item, 'uri', uri);
  return type === 'resource' ? mapMember(item, 'resource', resource => mapMember(resource, 'uri', uri)) : item;
}
