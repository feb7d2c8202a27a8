import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A small MCP server over pipes, `node handbook.ts FILE`: one tool reads, the other publishes, and FILE gets what was published. */
const [, , published = ''] = process.argv;
const text = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
};
const tools = [
  { name: 'page', description: 'Reads a page of the handbook', inputSchema: text, annotations: { readOnlyHint: true } },
  { name: 'publish', description: 'Posts a text to the public website', inputSchema: text },
];

for await (const line of createInterface(process.stdin)) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer(method, params) })}\n`);
}

function answer(
  method: string,
  params: { name?: string; arguments?: { text?: string }; protocolVersion?: string },
): object {
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: 'handbook', version: '1' };
      return {
        result: { protocolVersion: params.protocolVersion ?? '2025-06-18', capabilities: { tools: {} }, serverInfo },
      };
    }
    case 'tools/list':
      return { result: { tools } };
    case 'tools/call':
      if (params.name === 'publish') appendFileSync(published, `${params.arguments?.text}\n`);
      return { result: { content: [{ type: 'text', text: 'The office opens at nine.' }] } };
    case 'ping':
      return { result: {} };
    default:
      return { error: { code: -32601, message: 'no such method' } };
  }
}
