import { constants, openSync, rmSync, write } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';

/**
 * The least that a gateway does, for `npm run bench:floor`: reads a request, passes it on, reads its answer, passes that back. With
 * `--record FILE` it also puts two records of each call on disk, as design §2 wants: one before it is sent, one before it is answered; they are
 * the bare texts, and what gathers while the disk works goes with the next write. It decides, checks, hashes and seals nothing.
 */
const { values } = parseArgs({
  options: { to: { type: 'string' }, port: { type: 'string' }, record: { type: 'string' } },
});
const to = new URL(values.to ?? '');
const pool = new Pool(to.origin, { connections: 64, pipelining: 1 });
const log = values.record === undefined ? undefined : openLog(values.record);
const passedOn = ['content-type', 'accept', 'mcp-session-id', 'mcp-protocol-version'];

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
  if (log !== undefined) await log(sent);
  const headers = Object.fromEntries(passedOn.flatMap(name => (req.headers[name] ? [[name, req.headers[name]]] : [])));
  const method = req.method as 'POST' | 'GET' | 'DELETE';
  const answer = await pool.request({ method, path: to.pathname, headers, body: sent === '' ? null : sent });
  const stream = await answer.body.text();
  // A stream of one event becomes plain JSON, which costs the client less.
  const data = /^data: (\{.*)$/m.exec(stream)?.[1];
  const body = data === undefined ? stream : JSON.stringify(JSON.parse(data));
  if (log !== undefined) await log(body);
  const session = answer.headers['mcp-session-id'];
  res.writeHead(answer.statusCode, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(typeof session === 'string' ? { 'mcp-session-id': session } : {}),
  });
  res.end(body);
}

/** Over zeros laid out before, as the journal writes; from the start again when they are used up. */
function openLog(path: string): (text: string) => Promise<void> {
  const laidOut = 64 * 1024 * 1024;
  const fd = openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DSYNC, 0o600);
  process.once('exit', () => rmSync(path, { force: true }));
  let at = 0;
  let lines: string[] = [];
  let waiting: (() => void)[] = [];
  let writing = false;
  const begin = (): void => {
    if (writing || lines.length === 0) return;
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
  return text =>
    new Promise(resolve => {
      lines.push(`${text}\n`);
      waiting.push(resolve);
      if (!writing) setImmediate(begin);
    });
}
