import { spawn } from 'node:child_process';
import { constants, openSync, rmSync, write } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';

/**
 * The least that a gateway does, for `npm run bench:floor` and `bench:relay`: reads a request, passes it on, reads its answer, passes that
 * back. `--to URL` names its server over HTTP, `--stdio` a script of Node's that is one behind standard input and output. With `--record
 * FILE` it also puts two records of each call on disk, as the line wants (ARCHITECTURE.md, step 7): one before it is sent, and one that goes with the next write.
 * They are the bare texts. It decides, checks, hashes and seals nothing.
 */
const { values } = parseArgs({
  options: {
    to: { type: 'string' },
    stdio: { type: 'string' },
    port: { type: 'string' },
    record: { type: 'string' },
  },
});

interface Answer {
  readonly status: number;
  readonly session: string | undefined;
  readonly body: string;
}

type Send = (req: IncomingMessage, text: string) => Promise<Answer>;

const send = values.stdio === undefined ? overHttp(new URL(values.to ?? '')) : overPipes(values.stdio);
const log = values.record === undefined ? undefined : openLog(values.record);

const server = createServer((req, res) => {
  const parts: Buffer[] = [];
  req.on('data', (part: Buffer) => parts.push(part));
  req.on('end', () => {
    relay(req, Buffer.concat(parts).toString(), res).catch(thrown => {
      console.error(thrown);
      res.destroy();
    });
  });
});
server.listen(Number(values.port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));

async function relay(req: IncomingMessage, text: string, res: ServerResponse): Promise<void> {
  const sent = text === '' ? '' : JSON.stringify(JSON.parse(text));
  await log?.record(sent);
  const { status, session, body } = await send(req, sent);
  log?.append(body);
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  });
  res.end(body);
}

function overHttp(to: URL): Send {
  const pool = new Pool(to.origin, { connections: 64, pipelining: 1 });
  const passedOn = ['content-type', 'accept', 'mcp-session-id', 'mcp-protocol-version'];
  return async (req, text) => {
    const headers = Object.fromEntries(
      passedOn.flatMap(name => (req.headers[name] ? [[name, req.headers[name]]] : [])),
    );
    const method = req.method as 'POST' | 'GET' | 'DELETE';
    const answer = await pool.request({ method, path: to.pathname, headers, body: text === '' ? null : text });
    const stream = await answer.body.text();
    // A stream of one event becomes plain JSON, which costs the client less.
    const data = /^data: (\{.*)$/m.exec(stream)?.[1];
    const session = answer.headers['mcp-session-id'];
    return {
      status: answer.statusCode,
      session: typeof session === 'string' ? session : undefined,
      body: data === undefined ? stream : JSON.stringify(JSON.parse(data)),
    };
  };
}

/** One server for one client, whose ids are its own: they need no others. */
function overPipes(script: string): Send {
  const child = spawn(process.execPath, [script, 'stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  process.once('exit', () => child.kill());
  const waiting = new Map<unknown, (answer: Answer) => void>();
  createInterface({ input: child.stdout }).on('line', line => {
    const message = JSON.parse(line);
    const answered = 'method' in message ? undefined : waiting.get(message.id);
    waiting.delete(message.id);
    answered?.({ status: 200, session: undefined, body: JSON.stringify(message) });
  });
  return (_req, text) =>
    new Promise(resolve => {
      if (text === '') return resolve({ status: 405, session: undefined, body: '' });
      const { id } = JSON.parse(text);
      if (id === undefined) resolve({ status: 202, session: undefined, body: '' });
      else waiting.set(id, resolve);
      child.stdin.write(`${text}\n`);
    });
}

interface Log {
  /** Resolves once it is on disk. */
  readonly record: (text: string) => Promise<void>;
  /** Goes with the next write. */
  readonly append: (text: string) => void;
}

/** Over zeros laid out before, as the journal writes; from the start again when they are used up. */
function openLog(path: string): Log {
  const laidOut = 64 * 1024 * 1024;
  const fd = openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DSYNC, 0o600);
  process.once('exit', () => rmSync(path, { force: true }));
  let at = 0;
  let lines: string[] = [];
  let waiting: (() => void)[] = [];
  let writing = false;
  const begin = (): void => {
    if (writing || waiting.length === 0) return;
    writing = true;
    const [bytes, told] = [Buffer.from(lines.join('')), waiting];
    [lines, waiting] = [[], []];
    if (at + bytes.length > laidOut) at = 0;
    write(fd, bytes, 0, bytes.length, at, error => {
      if (error !== null) throw error;
      at += bytes.length;
      writing = false;
      begin();
      for (const tell of told) tell();
    });
  };
  const zeros = Buffer.alloc(laidOut);
  write(fd, zeros, 0, laidOut, 0, error => {
    if (error !== null) throw error;
  });
  return {
    append: text => void lines.push(`${text}\n`),
    record: text =>
      new Promise(resolve => {
        lines.push(`${text}\n`);
        waiting.push(resolve);
        if (!writing) setImmediate(begin);
      }),
  };
}
