import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { forms, openWrappedHome, type WrappedHome } from './wrapped-home.ts';

/** The official clients of both lines, started the way each client's wrapped entry says. */

let wrapped: WrappedHome;
before(async () => {
  wrapped = await openWrappedHome();
});
after(async () => {
  await wrapped[Symbol.asyncDispose]();
});

describe('a wrapped entry of each client serves the official clients of both lines', () => {
  for (const form of forms) {
    test(`${form.name}, client 2`, async () => {
      const client = new Client2({ name: 'peer', version: '0' });
      await client.connect(new Stdio2({ ...wrapped.entryOf(form), stderr: 'ignore' }));
      await served(client);
    });
    test(`${form.name}, sdk 1`, async () => {
      const client = new Client1({ name: 'peer', version: '0' });
      await client.connect(new Stdio1({ ...wrapped.entryOf(form), stderr: 'ignore' }));
      await served(client);
    });
  }

  test('the key that stood in a header is sent by the gateway, and by nobody else', () => {
    const kiro = readFileSync(join(wrapped.home, '.kiro/settings/mcp.json'), 'utf8');
    assert.ok(!kiro.includes('canary-6d20fe11'));
    assert.ok(wrapped.far.received.every(({ headers }) => headers.authorization === 'Bearer canary-6d20fe11'));
  });
});

async function served(client: Client1 | Client2): Promise<void> {
  try {
    const { tools } = await client.listTools();
    assert.ok(
      tools.some(({ name }) => name.endsWith('read_note')),
      JSON.stringify(tools),
    );
    const name = tools.find(each => each.name.endsWith('read_note'))?.name ?? '';
    const answer = await client.callTool({ name, arguments: {} });
    assert.notEqual(answer.isError, true, JSON.stringify(answer));
  } finally {
    await client.close();
  }
}
