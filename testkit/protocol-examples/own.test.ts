import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ways } from './ways.ts';

/** One message for each way, of ours: with what a careless relay would drop, reorder or round. */
const odd = { z: 1, a: [null, true, 'ü\u2028\n'], 'io.example/x': { deep: [[0.1]] } };
const text = { type: 'text', text: 'a\r\n\ndata: b', annotations: { audience: ['user'], priority: 0.5 }, _meta: odd };
const meta = { _meta: odd };

const values: Readonly<Record<string, Record<string, unknown>>> = {
  CallToolRequestParams: { name: 'pay_now', arguments: { amount: 1.5, odd } },
  ListToolsRequest: { jsonrpc: '2.0', id: 'a', method: 'tools/list', params: { _meta: {} } },
  CallToolResult: { resultType: 'complete', content: [text], structuredContent: odd, isError: true, ...meta },
  TextContent: text,
  TextResourceContents: { uri: 'file:///a%20b', mimeType: 'text/plain', text: '', ...meta },
  Resource: { uri: 'file:///a', name: 'a', title: 'A', size: 12, icons: [{ src: 'data:,x' }], ...meta },
  Tool: {
    name: 'b',
    inputSchema: { type: 'object', $defs: { x: { $anchor: 'x' } } },
    outputSchema: { type: 'object' },
    ...meta,
  },
  InputRequiredResult: {
    resultType: 'input_required',
    inputRequests: { r: { method: 'roots/list' } },
    requestState: 's',
  },
  ElicitRequestURLParams: { mode: 'url', message: 'm', url: 'https://example.com/?a=b#c', ...meta },
  SamplingMessage: { role: 'assistant', content: [text] },
  NumberSchema: { type: 'integer', minimum: -1, maximum: 10, default: 0, title: 'N' },
  ElicitResult: { action: 'accept', content: { yes: true, list: ['a'], n: -0.25 } },
  InputResponses: { 'a.b': { action: 'cancel' }, r: { roots: [] } },
  Root: { uri: 'file:///home', name: 'h', ...meta },
  ToolUseContent: { type: 'tool_use', id: '1', name: 't', input: odd },
  ProgressNotificationParams: { progressToken: 'p', progress: 0.5, total: 1, message: 'm' },
  ResourceUpdatedNotificationParams: { uri: 'file:///a', ...meta },
  CancelledNotificationParams: { requestId: 7, reason: 'no longer needed' },
  InvalidParamsError: { code: -32602, message: 'no such thing', data: { uri: 'file:///a', odd } },
  ClientCapabilities: { experimental: odd, roots: {}, extensions: { 'com.example/x': {} } },
  ServerCapabilities: { experimental: odd, tools: { listChanged: true } },
};

for (const way of ways)
  test(`unchanged, with odd members: ${way.title}`, async () => {
    const own = Object.entries(values).filter(([type]) => way.types.test(type));
    assert.ok(own.length > 0, 'there is a message for this way');
    for (const [type, value] of own) {
      const { before, after } = await way.pass(value, type);
      assert.deepEqual(after, before, type);
    }
  });
