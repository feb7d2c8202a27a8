import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { clientsOn } from './table.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/how-to/wrap-a-client.md'), 'utf8');

test('the page names every client with its file, and no other', () => {
  const rows = [...page.matchAll(/^\| ([^|]+) \| `([a-z-]+)` \| `~\/([^`]+)` \|/gm)].map(([, name, id, path]) => [
    name,
    id,
    path,
  ]);
  const clients = clientsOn({ home: '/h', platform: 'linux', env: {}, cwd: '/p' });
  assert.deepEqual(
    rows,
    clients.map(({ name, id, files }) => [name, id, files[0]?.path.replace('/h/', '')]),
  );
});

test('files lie where each system keeps them', () => {
  const pathOf = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv, id: string): string | undefined =>
    clientsOn({ home: '/h', platform, env, cwd: '/p' }).find(each => each.id === id)?.files[0]?.path;
  assert.equal(
    pathOf('darwin', {}, 'claude-desktop'),
    '/h/Library/Application Support/Claude/claude_desktop_config.json',
  );
  assert.equal(pathOf('win32', { APPDATA: '/r' }, 'vscode'), '/r/Code/User/mcp.json');
  assert.equal(pathOf('linux', { XDG_CONFIG_HOME: '/x' }, 'zed'), '/x/zed/settings.json');
  assert.equal(pathOf('linux', { CODEX_HOME: '/c' }, 'codex'), '/c/config.toml');
});
