import { a2aVersion } from '@sallyport/core/model/a2a.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { OwnHeaders } from '../http/secrets.ts';

function headOf(url: URL, own: OwnHeaders): string {
  return `${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nuser-agent: sallyport\r\naccept-encoding: identity\r\nconnection: close\r\na2a-version: ${a2aVersion}\r\n${own.lines}`;
}

/** Asks for a plain document, such as a card. */
export function documentRequest(url: URL, own: OwnHeaders): string {
  return `GET ${headOf(url, own)}accept: application/json\r\n\r\n`;
}

/**
 * One operation over JSON-RPC. `params` are the very bytes that were decided on. The task goes along in a header, which no
 * agent's words can be.
 */
export function operationRequest(url: URL, own: OwnHeaders, action: Action, taskToken: string | undefined): string {
  const body = `{"jsonrpc":"2.0","id":1,"method":"${action.method.slice('a2a/'.length)}","params":${action.params}}`;
  const task = taskToken === undefined ? '' : `sallyport-task: ${taskToken}\r\n`;
  return `POST ${headOf(url, own)}${task}content-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
