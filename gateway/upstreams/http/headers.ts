import type { ParamHeader } from '@sallyport/core/catalogue/param-headers.ts';
import { type JsonNode, member } from '@sallyport/core/model/json.ts';

/**
 * A header value for any text (MCP 2026-07-28, Streamable HTTP, "Value encoding"): plain where that is safe, otherwise
 * the UTF-8 bytes in base64 between `=?base64?` and `?=`.
 */
export function headerValue(text: string): string {
  const plain = /^[!-~](?:[\t -~]*[!-~])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return plain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** `Mcp-Param-*` for the arguments that a tool's schema wants repeated; what is absent or null has no header. */
export function paramHeaders(wanted: readonly ParamHeader[], input: JsonNode): [string, string][] {
  return wanted.flatMap(({ path, name }): [string, string][] => {
    const value = path.reduce<JsonNode | undefined>((node, step) => member(node, step), input);
    const text = value === undefined ? undefined : plainText(value);
    return text === undefined ? [] : [[`Mcp-Param-${name}`, headerValue(text)]];
  });
}

function plainText(value: JsonNode): string | undefined {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'boolean') return String(value.value);
  return value.kind === 'number' && Number.isInteger(value.value) ? String(value.value) : undefined;
}

/** A session id as MCP 2025-11-25 allows it: visible ASCII. Longer ones than this are nobody's. */
export function sessionId(value: string | undefined): string | undefined {
  return value !== undefined && /^[!-~]{1,1024}$/.test(value) ? value : undefined;
}
