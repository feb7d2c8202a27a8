import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { answer, type Outlet } from './acts.ts';
import { Scripted } from './conversation.ts';
import type { Script } from './script.ts';

/** The scripted upstream over pipes: `node stdio.ts '<script as JSON>'`. */
const script = JSON.parse(process.argv[2] ?? '{}') as Script;
const write = (bytes: Buffer | string): void => {
  process.stdout.write(bytes);
};

const outlet: Outlet = {
  send: message => write(`${JSON.stringify(message)}\n`),
  raw: write,
  peculiar: (act, { id, args }) => {
    const special = peculiar[act];
    special?.(id, args.text ?? '', args.count ?? 0);
    return special !== undefined;
  },
};

const peculiar: Readonly<Record<string, (id: string | number, text: string, count: number) => void>> = {
  exit: () => process.exit(3),
  split: (id, text) => {
    const bytes = Buffer.from(`${JSON.stringify(answer(id, text === '' ? 'grüße 😀' : text))}\n`);
    let at = 0;
    const next = (): void => {
      if (at < bytes.length) process.stdout.write(bytes.subarray(at, ++at), () => setImmediate(next));
    };
    next();
  },
  'two-values': id => write(`${JSON.stringify(answer(id, 'one'))} ${JSON.stringify(answer(id, 'two'))}\n`),
  'newline-in-frame': id => write(`${JSON.stringify(answer(id, 'one')).replace('"content"', '\n"content"')}\n`),
  environment: id => write(`${JSON.stringify(answer(id, JSON.stringify(process.env)))}\n`),
  'environment-names': id => write(`${JSON.stringify(answer(id, Object.keys(process.env).join(' ')))}\n`),
  'close-stdout': () => closeSync(1),
  'stop-self': () => process.kill(process.pid, 'SIGSTOP'),
  'no-newline-flood': (_, __, count) => {
    const block = Buffer.alloc(1 << 20, 0x61);
    const more = (left: number): void => {
      if (left > 0) process.stdout.write(block, () => more(left - block.length));
    };
    more(count);
  },
  crawl: () => {
    setInterval(() => write(' '), 20);
  },
};

function begin(): void {
  if (script.starts !== undefined) appendFileSync(script.starts, `${process.pid}\n`);
  if (script.ignoreSigterm) process.on('SIGTERM', () => {});
  if (script.grandchild !== undefined) {
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{});setInterval(()=>{},1000)'], {
      stdio: 'ignore',
    });
    appendFileSync(script.grandchild, `${child.pid}\n`);
  }
  if (script.begin === 'banner') process.stderr.write('\u001b[31mready\u001b[0m\n');
  if (script.begin === 'noise') write('Welcome!\n');
  if (script.begin === 'exit') process.exit(7);
  if (script.stderrBytes !== undefined) flood(script.stderrBytes);
  // A server that is deaf to the end of its input must be ended by other means.
  if (script.ignoreSigterm || script.begin === 'silent') setInterval(() => {}, 1_000);
}

function flood(left: number): void {
  const block = Buffer.alloc(1 << 16, `${'complaint '.repeat(20)}\n`);
  if (left > 0) process.stderr.write(block, () => flood(left - block.length));
}

function hear(line: string): void {
  const message = JSON.parse(line) as { id?: number; method?: string };
  const probed = message.method === 'server/discover' && script.era !== 'modern' && script.era !== 'both';
  if (probed && script.onProbe === 'exit') process.exit(9);
  if (probed && script.onProbe === 'noise') return void write('unexpected request\n');
  if (probed && script.onProbe === 'silence') return;
  if (script.begin !== 'silent') scripted.hear(message, outlet, outlet);
}

const scripted = new Scripted(script);
let held = '';
begin();
while (script.startsWith !== undefined && !existsSync(script.startsWith)) await pause(10);
process.stdin.on('data', (chunk: Buffer) => {
  if (script.record !== undefined) appendFileSync(script.record, chunk);
  held += chunk.toString('utf8');
  const lines = held.split('\n');
  held = lines.pop() ?? '';
  for (const line of lines) hear(line);
});
