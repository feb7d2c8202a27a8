import type { IncomingHttpHeaders } from 'node:http';
import { tools } from './catalogue.ts';
import { object, type Params, RpcError } from './visit.ts';

/** MCP 2026-07-28, Streamable HTTP: what the headers must repeat of the body, or the error that says what is wrong. */
export function headerFault(
  headers: IncomingHttpHeaders,
  method: string,
  params: Params,
  meta: Params,
): RpcError | undefined {
  const version = meta['io.modelcontextprotocol/protocolVersion'];
  if (typeof version !== 'string') return new RpcError(-32602, 'params._meta lacks a version', undefined, 400);
  if (headers['mcp-protocol-version'] !== version) return mismatch('MCP-Protocol-Version');
  if (version !== '2026-07-28')
    return new RpcError(-32022, 'Unsupported version', { supported: ['2026-07-28'], requested: version }, 400);
  if (meta['io.modelcontextprotocol/clientCapabilities'] === undefined)
    return new RpcError(-32602, 'params._meta lacks the client capabilities', undefined, 400);
  if (headers['mcp-method'] !== method) return mismatch('Mcp-Method');
  const name = named(method, params);
  if (name !== undefined && decoded(headers['mcp-name']) !== name) return mismatch('Mcp-Name');
  return method === 'tools/call' ? paramFault(headers, params) : undefined;
}

function named(method: string, { name, uri, taskId }: Params): string | undefined {
  if (method === 'tools/call' || method === 'prompts/get') return String(name);
  if (method === 'resources/read') return String(uri);
  return /^tasks\/(?:get|update|cancel)$/.test(method) ? String(taskId) : undefined;
}

function paramFault(headers: IncomingHttpHeaders, params: Params): RpcError | undefined {
  const schema = object(tools.find(tool => tool.name === params.name)?.inputSchema);
  for (const [name, property] of Object.entries(object(schema.properties))) {
    const wanted = object(property)['x-mcp-header'];
    if (wanted === undefined) continue;
    const value = object(params.arguments)[name];
    const sent = headers[`mcp-param-${String(wanted).toLowerCase()}`];
    if ((value === undefined) !== (sent === undefined)) return mismatch(`Mcp-Param-${wanted}`);
    if (value !== undefined && decoded(sent) !== String(value)) return mismatch(`Mcp-Param-${wanted}`);
  }
  return undefined;
}

function decoded(value: string | string[] | undefined): string | undefined {
  const text = String(value);
  if (value === undefined || !text.startsWith('=?base64?') || !text.endsWith('?=')) return value && text;
  const encoded = text.slice('=?base64?'.length, -2);
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes.toString('utf8') : undefined;
}

function mismatch(header: string): RpcError {
  return new RpcError(-32020, `${header} does not repeat the body`, undefined, 400);
}
