import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { main } from '../main.ts';

const root = mkdtempSync(join(tmpdir(), 'sallyport-project-'));
after(() => rmSync(root, { recursive: true }));

test('E7 a project’s files are named and left alone, and with --project it is said who else gets what is written', async () => {
  const cwd = join(root, 'project', 'part');
  mkdirSync(join(cwd, '.cursor'), { recursive: true });
  writeFileSync(join(cwd, '.cursor', 'mcp.json'), '{"mcpServers":{"a":{"command":"node","args":["a.js"]}}}');
  const run = async (...words: string[]): Promise<string> => {
    const terminal = createFakeTerminal({ cwd, env: { HOME: join(root, 'home'), PATH: process.env.PATH } });
    assert.equal(await main(['--state', join(root, 'state'), 'wrap', '--dry-run', ...words], terminal), 0);
    return terminal.stdout() + terminal.stderr();
  };
  const left = await run();
  assert.match(left, /\.cursor\/mcp\.json: left alone: it is the project's.*--project/);
  assert.doesNotMatch(left, /No client/);
  assert.doesNotMatch(await run('--project'), /git/);
  mkdirSync(join(root, 'project', '.git'));
  assert.match(await run('--project'), /in a git repository.*the file of your own/s);
  const named = await run('windsurf');
  assert.match(named, /Nothing of Windsurf was found: looked for .*\/home\/\.codeium\/windsurf\/mcp_config\.json; see/);
  assert.doesNotMatch(named, /No client/, 'only one was looked for');
});
