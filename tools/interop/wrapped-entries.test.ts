import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type HttpUpstream, startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { readDocument } from 'sallyport/clients/edit/document.ts';
import { memberAt } from 'sallyport/clients/plan.ts';
import { main } from 'sallyport/main.ts';

/** The official clients of both lines, started the way each form of a wrapped entry says. */

const script = { tools: [{ name: 'read_note', inputSchema: { type: 'object' } }] };
const words = [...stdioUpstream('notes', script).launch.args];
const list = JSON.stringify(words);

interface Form {
  readonly name: string;
  readonly file: string;
  readonly format: 'json' | 'toml' | 'yaml';
  readonly at: readonly string[];
  readonly text: (url: string) => string;
}

const node = JSON.stringify(process.execPath);
const forms: readonly Form[] = [
  {
    ...{ name: 'command and args in JSON', file: '.cursor/mcp.json', format: 'json', at: ['mcpServers', 'notes'] },
    text: () => `{ "mcpServers": { "notes": { "command": ${node}, "args": ${list} } } }`,
  },
  {
    ...{ name: 'one list in JSON', file: '.config/opencode/opencode.json', format: 'json', at: ['mcp', 'notes'] },
    text: () =>
      `{ "mcp": { "notes": { "type": "local", "command": ${JSON.stringify([process.execPath, ...words])} } } }`,
  },
  {
    ...{ name: 'command and args in TOML', file: '.codex/config.toml', format: 'toml', at: ['mcp_servers', 'notes'] },
    text: () => `[mcp_servers.notes]\ncommand = ${node}\nargs = ${list}\n`,
  },
  {
    ...{ name: 'cmd and args in YAML', file: '.config/goose/config.yaml', format: 'yaml', at: ['extensions', 'notes'] },
    text: () => `extensions:\n  notes:\n    type: stdio\n    cmd: ${node}\n    args: ${list}\n`,
  },
  {
    ...{ name: 'url and headers in JSON', file: '.kiro/settings/mcp.json', format: 'json', at: ['mcpServers', 'far'] },
    text: url =>
      `{ "mcpServers": { "far": { "url": "${url}", "headers": { "Authorization": "Bearer canary-6d20fe11" } } } }`,
  },
];

const folder = temporaryFolder();
const home = folder.file('home');
let far: HttpUpstream;

async function sallyport(...argv: string[]): Promise<void> {
  const terminal = createFakeTerminal({ cwd: home, env: { HOME: home, PATH: process.env.PATH ?? '' } });
  const status = await main(['--state', folder.file('state'), ...argv], terminal);
  assert.equal(status, 0, terminal.stderr());
}

before(async () => {
  far = await startHttpUpstream(script);
  for (const { file, text } of forms) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text(far.url));
  }
  await sallyport('wrap', '--servers-only', '--yes');
  const config = join(home, '.config/sallyport/sallyport.yaml');
  writeFileSync(config, `listen: 127.0.0.1:0\n${readFileSync(config, 'utf8')}`);
  await sallyport('up', '--config', config);
});
after(async () => {
  await sallyport('down');
  await far[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Program and words as the client would read them out of its file now. */
function entryOf({ file, format, at }: Form): {
  command: string;
  args: string[];
  env: Record<string, string>;
  stderr: 'ignore';
} {
  const entry = memberAt(readDocument(format, readFileSync(join(home, file), 'utf8')), at) as Record<string, unknown>;
  const [command = '', ...args] = [entry.command ?? entry.cmd, entry.args ?? []].flat() as string[];
  return { command, args, env: { HOME: home, PATH: process.env.PATH ?? '' }, stderr: 'ignore' };
}

describe('a wrapped entry of each form serves the official clients of both lines', () => {
  for (const form of forms) {
    test(`${form.name}, client 2`, async () => {
      const client = new Client2({ name: 'peer', version: '0' });
      await client.connect(new Stdio2(entryOf(form)));
      await served(client);
    });
    test(`${form.name}, sdk 1`, async () => {
      const client = new Client1({ name: 'peer', version: '0' });
      await client.connect(new Stdio1(entryOf(form)));
      await served(client);
    });
  }

  test('the key that stood in a header is sent by the gateway, and by nobody else', () => {
    const kiro = readFileSync(join(home, '.kiro/settings/mcp.json'), 'utf8');
    assert.ok(!kiro.includes('canary-6d20fe11'));
    assert.ok(far.received.every(({ headers }) => headers.authorization === 'Bearer canary-6d20fe11'));
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
