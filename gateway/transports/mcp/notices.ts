import type { Notice } from '@sallyport/core/model/call.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { Request } from './incoming.ts';
import { mapMember, mapString, withMember } from './wire/json-edit.ts';
import { type Era, logLevels } from './wire/protocol.ts';
import { withoutOurs } from './without-ours.ts';

/**
 * The text of a notice that belongs to `request`, or undefined if the client has not asked for it. Progress is sent
 * under the client's own token, whatever the server was given; in the modern era log messages are sent only to who set a
 * level in the request, and only from that level on (2026-07-28, "Logging").
 */
export function noticeText(notice: Notice, request: Request, era: Era): string | undefined {
  const params = notice.method === 'notifications/progress' ? progress(notice, request) : log(notice, request, era);
  return params && `{"jsonrpc":"2.0","method":"${notice.method}","params":${normalText(withoutOurs(params))}}`;
}

/** Progress with its server in front of its words: the gateway tells of progress as well, where a person is asked. */
export function saidBy(server: ServerId, notice: Notice): Notice {
  if (notice.method !== 'notifications/progress') return notice;
  const named = mapMember(notice.params, 'message', said => mapString(said, text => `${server}: ${text}`));
  return named.kind === 'object' ? { ...notice, params: named } : notice;
}

/** Progress has to grow with each notification (2025-11-25, "Progress"); how much is left nobody knows. */
export function progressText(count: number, message: string, request: Request, era: Era): string | undefined {
  const members = new Map<string, JsonNode>([
    ['progress', { kind: 'number', value: count, text: String(count) }],
    ['message', { kind: 'string', value: message }],
  ]);
  return noticeText({ method: 'notifications/progress', params: { kind: 'object', members } }, request, era);
}

function progress(notice: Notice, { progressToken }: Request): JsonObject | undefined {
  if (progressToken === undefined) return undefined;
  const token = JSON.parse(progressToken) as string | number;
  return withMember(
    notice.params,
    'progressToken',
    typeof token === 'string'
      ? { kind: 'string', value: token }
      : { kind: 'number', value: token, text: progressToken },
  );
}

function log(notice: Notice, { logLevel }: Request, era: Era): JsonObject | undefined {
  if (era === 'legacy') return notice.params;
  if (logLevel === undefined) return undefined;
  const level = logLevels.indexOf(stringMember(notice.params, 'level') ?? '');
  return level >= logLevels.indexOf(logLevel) ? notice.params : undefined;
}
