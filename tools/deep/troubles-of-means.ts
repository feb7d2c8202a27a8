import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
import { callerOf } from '@sallyport/testkit/gateway/house.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { load, type Place, startIn, stop, writeConfig } from './gateway-place.ts';
import { compared } from './record-of.ts';
import { descriptorsOf, heldAgainst, running, type Serving, type Trouble } from './trouble-place.ts';

/** What a machine runs short of, and what people do with its files. */
export const troublesOfMeans: readonly Trouble[] = [
  { name: '2,000 connections that say nothing', happens: silentConnections },
  { name: 'more connections than descriptors', happens: fewDescriptors },
  { name: 'no descriptor left', happens: noDescriptor },
  { name: 'a disk that takes 300 ms a write', happens: slowDisk },
  { name: 'copies of a state that is in use', happens: copiedWhileRunning },
  { name: 'a state that was put back', happens: putBack },
];

async function silentConnections(place: Place): Promise<string> {
  await using gateway = await running(place);
  const before = descriptorsOf(gateway.pid);
  const acknowledged = new Set<string>();
  const sockets = await connected(gateway, 2_000);
  await load(gateway.running, acknowledged, { isOver: () => acknowledged.size >= 500 });
  assert.ok(acknowledged.size >= 500, `calls were answered beside them: ${gateway.log()}`);
  const open = sockets.filter(socket => !socket.destroyed).length;
  for (const socket of sockets) socket.destroy();
  await until('its ends are closed', () => descriptorsOf(gateway.pid) <= before + 20, 30_000);
  return `${open} open; ${await heldAgainst(place, gateway, acknowledged)} beside them; all given back`;
}

async function connected({ running }: Serving, count: number): Promise<Socket[]> {
  const { port, hostname } = new URL(running.url);
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await new Promise(next => socket.once('connect', next).once('close', next));
    sockets.push(socket);
  }
  return sockets;
}

const fewFiles = 256;

async function fewDescriptors(place: Place): Promise<string> {
  await using gateway = await running(place, ['prlimit', `--nofile=${fewFiles}:${fewFiles}`]);
  const acknowledged = new Set<string>();
  const calls = async (name: string, count: number): Promise<void> => {
    const wanted = acknowledged.size + count;
    await load(gateway.running, acknowledged, { name, isOver: () => acknowledged.size >= wanted });
    assert.ok(acknowledged.size >= wanted, `${name}: ${gateway.log()}`);
  };
  await calls('before', 100);
  const sockets = await connected(gateway, 2 * fewFiles);
  await calls('beside', 500);
  const most = descriptorsOf(gateway.pid);
  for (const socket of sockets) socket.destroy();
  await calls('after', 100);
  return `${sockets.length} tried, ${most} of ${fewFiles} descriptors in use; ${await heldAgainst(place, gateway, acknowledged)} before, beside and after them`;
}

const withoutMillis = 15_000;

/** The operator of a gateway at work takes from it all but those it has: it can start no server and sign no checkpoint. */
async function noDescriptor(place: Place): Promise<string> {
  writeConfig(place, ['echo'], { names: ['writer', 'newcomer'] });
  await using gateway = await running(place);
  const { url, ask } = gateway.running;
  const newcomer = callerOf(`${url}/mcp/notes`, (await ask<{ token: string }>('agents/newcomer/token', {})).token);
  const mayOpen = (files: string): void =>
    void execFileSync('prlimit', ['--pid', String(gateway.pid), `--nofile=${files}:`]);
  const ready = async (): Promise<number> => (await fetch(`${url}/readyz`)).status;
  const acknowledged = new Set<string>();
  let over = false;
  const loads = load(gateway.running, acknowledged, { isOver: () => over });
  await until('calls are under way', () => acknowledged.size > 0, 30_000);
  let last = await ready();
  mayOpen(String(descriptorsOf(gateway.pid)));
  const end = performance.now() + withoutMillis;
  const before = acknowledged.size;
  const refusals: string[] = [];
  while (performance.now() < end) {
    refusals.push(await newcomer('echo', { text: 'another process' }).then(({ text }) => text, String));
    // A connection that is new is not taken either.
    last = await ready().catch(() => last);
    await new Promise(next => setTimeout(next, 200));
  }
  const beside = acknowledged.size - before;
  assert.equal(last, 503, 'it says that it has fallen behind');
  mayOpen('1000');
  assert.ok(beside > 0, `who has a server goes on: ${gateway.log()}`);
  assert.match(refusals.join('\n'), /has as many files open as it may/);
  await until(
    'the newcomer is served',
    async () => (await newcomer('echo', { text: 'later' })).isError !== true,
    30_000,
  );
  await until('it has caught up', async () => (await ready()) === 200, 30_000);
  over = true;
  await loads;
  const held = await heldAgainst(place, gateway, acknowledged);
  return `${beside} calls answered meanwhile, ${refusals.length} of a newcomer refused; ${held} in all`;
}

const slowMillis = 15_000;

async function slowDisk(place: Place): Promise<string> {
  const inject = 'inject=write,writev,pwrite64,pwritev,fdatasync,fsync:delay_enter=300000';
  const batches = join(place.stateDir, 'journal', 'batches', '000000000000');
  await using gateway = await running(place, [
    'strace',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-P',
    batches,
    '-e',
    'trace=write,writev,pwrite64,pwritev,fdatasync,fsync',
    '-e',
    inject,
  ]);
  const acknowledged = new Set<string>();
  const end = performance.now() + slowMillis;
  const refused = await load(gateway.running, acknowledged, { isOver: () => performance.now() > end });
  assert.equal(refused, 0, 'slow is not refused');
  assert.ok(acknowledged.size > 8);
  return await heldAgainst(place, gateway, acknowledged);
}

const copies = 8;
const command = resolve(import.meta.dirname, '../../cli/bin/sallyport.js');

async function copiedWhileRunning(place: Place): Promise<string> {
  await using gateway = await running(place);
  const acknowledged = new Set<string>();
  let over = false;
  const loads = load(gateway.running, acknowledged, { isOver: () => over });
  await until('calls are under way', () => acknowledged.size > 0, 30_000);
  let lost = 0;
  for (let copy = 0; copy < copies; copy++) {
    await new Promise(next => setTimeout(next, 300));
    const known = new Set(acknowledged);
    const other: Place = { ...place, stateDir: join(place.base, `copy-${copy}`) };
    const args = [command, 'backup', other.stateDir, '--state', place.stateDir];
    assert.deepEqual(await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit'), [0, null]);
    await using restored = await startIn(other);
    assert.ok(restored.running !== undefined, restored.log());
    await stop(restored);
    lost += (await compared(other, known)).lost;
  }
  over = true;
  await loads;
  assert.equal(lost, 0, 'a copy has everything that was known before it was begun');
  return `${copies} copies started, ${lost} lost of what was known before`;
}

/** What came after the copy is gone with it, and only who kept a checkpoint elsewhere can tell. */
async function putBack(place: Place): Promise<string> {
  const acknowledged = new Set<string>();
  const calls = (gateway: Serving, name: string): Promise<number> =>
    load(gateway.running, acknowledged, { name, isOver: () => acknowledged.size >= (name === 'before' ? 50 : 100) });
  const copy = join(place.base, 'yesterday');
  {
    await using gateway = await running(place);
    await calls(gateway, 'before');
    await stop(gateway);
  }
  execFileSync('cp', ['-a', place.stateDir, copy]);
  {
    await using gateway = await running(place);
    await calls(gateway, 'after');
    await stop(gateway);
  }
  const dir = join(place.stateDir, 'journal');
  const [vkey, checkpoint] = [join(dir, 'vkey'), join(dir, 'log', 'checkpoint')].map(file =>
    readFileSync(file, 'utf8'),
  );
  rmSync(place.stateDir, { recursive: true });
  execFileSync('cp', ['-a', copy, place.stateDir]);
  await using gateway = await running(place);
  await stop(gateway);
  const own = verifyJournal({ dir, vkey: vkey ?? '' });
  assert.equal(own.fault, undefined, 'by itself it is whole');
  const { fault } = verifyJournal({ dir, vkey: vkey ?? '', checkpoint: checkpoint ?? '' });
  assert.ok(fault !== undefined, 'the checkpoint that was kept elsewhere tells');
  return `it starts, whole by itself; a checkpoint that was kept says: ${fault.what}`;
}
