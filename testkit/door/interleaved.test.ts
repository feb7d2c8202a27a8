import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { mcpLimits } from '@sallyport/gateway/transports/mcp/limits.ts';
import { jsonObject } from '../fakes/ports.ts';
import { sendRaw } from '../scenarios/raw-http.ts';
import { openSession, postBytes } from '../scenarios/run-protocol.ts';
import type { Upstream } from './door-world.ts';
import { openDoor } from './open-door.ts';

/** Answers come in another order than the requests: every third waits for a turn of the event loop. */
const shuffled: Upstream = ({ params }) => {
  const { note, amount } = JSON.parse(params).arguments as { note: string; amount: number };
  const result = jsonObject(JSON.stringify({ content: [{ type: 'text', text: `${note} ${amount}` }] }));
  const reply = { kind: 'result', result, bytes: 10 } as const;
  return amount % 3 === 0 ? new Promise(resolve => setImmediate(() => resolve(reply))) : Promise.resolve(reply);
};

const clients = 8;
const callsEach = 2_500;
/** Together as many as one agent may have under way. */
const inFlight = mcpLimits.callsPerAgentMax / clients;

test('A-5 answers never cross: 8 clients, every id from 0, 20 000 interleaved calls', async () => {
  await using door = await openDoor({ upstream: shuffled });
  await Promise.all(Array.from({ length: clients }, (_, client) => runClient(door.socket.path, `client-${client}`)));
  assert.equal(door.world.reached.length, clients * callsEach);
});

async function runClient(path: string, name: string): Promise<void> {
  const socket = connect(path);
  const seen = new Set<number>();
  let next = 0;
  socket.write('{"sallyport":1,"entry":"editor","secret":"s3cret"}\n');
  for (; next < inFlight; next++) socket.write(callLine(next, name));
  for await (const line of createInterface(socket)) {
    const message = JSON.parse(line) as { sallyport?: 1; id: number; result: { content: [{ text: string }] } };
    if (message.sallyport === 1) continue;
    assert.equal(message.result.content[0].text, `${name} ${message.id}`);
    assert.ok(!seen.has(message.id), 'one answer for each request');
    seen.add(message.id);
    if (next < callsEach) socket.write(callLine(next++, name));
    if (seen.size === callsEach) break;
  }
  socket.destroy();
  assert.equal(seen.size, callsEach);
}

const meta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';

function callLine(id: number, note: string): string {
  const params = `{${meta},"name":"files__pay","arguments":{"note":"${note}","amount":${id}}}`;
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}\n`;
}

test('A-5 two requests under way with one id: the second is refused, and the first gets its own answer', async () => {
  const gate = Promise.withResolvers<void>();
  await using door = await openDoor({
    upstream: () => gate.promise.then(() => ({ kind: 'result', result: jsonObject('{"content":[]}'), bytes: 1 })),
  });
  const { port } = door.listener;
  const session = await openSession(port);
  const body = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"files__pay","arguments":{}}}';
  const bytes = postBytes({ era: 'legacy', body }, { port: String(port) }, session);
  const first = sendRaw(port, bytes);
  while (door.world.reached.length === 0) await new Promise(setImmediate);
  const second = await sendRaw(port, bytes);
  assert.equal(second.responses[0]?.status, 400);
  assert.match(second.responses[0]?.body ?? '', /"field":"id"/);
  gate.resolve();
  assert.equal((await first).responses[0]?.status, 200);
  assert.equal(door.world.reached.length, 1);
});

test('A-5 over stdio the second is refused without the id, which belongs to the first', async () => {
  const gate = Promise.withResolvers<void>();
  await using door = await openDoor({
    upstream: () => gate.promise.then(() => ({ kind: 'result', result: jsonObject('{"content":[]}'), bytes: 1 })),
  });
  const socket = connect(door.socket.path);
  socket.write(`{"sallyport":1,"entry":"editor","secret":"s3cret"}\n${callLine(7, 'x')}${callLine(7, 'y')}`);
  const lines: { id?: number; error?: unknown; result?: unknown }[] = [];
  for await (const line of createInterface(socket)) {
    lines.push(JSON.parse(line));
    if (lines.length === 2) gate.resolve();
    if (lines.length === 3) break;
  }
  socket.destroy();
  assert.equal(lines[1]?.id, undefined);
  assert.ok(lines[1]?.error);
  assert.equal(lines[2]?.id, 7);
  assert.ok(lines[2]?.result);
});
