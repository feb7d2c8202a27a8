import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { connectionsWithin } from '../files-left.ts';
import { isPipe } from '../local-place.ts';
import { type McpCore, noteRejected } from '../mcp/core.ts';
import { authenticate } from '../mcp/standing.ts';
import { Connection } from './connection.ts';
import { FirstLine, FrameReader } from './frames.ts';
import { type Hello, helloBytesMax, readHello, unwelcomeText, welcomeText } from './hello.ts';

export interface SocketDoor {
  readonly path: string;
  readonly close: () => Promise<void>;
}

export interface SocketOptions {
  readonly path: string;
  readonly core: McpCore;
  readonly limits?: Partial<SocketLimits>;
}

export interface SocketLimits {
  readonly connectionsMax: number;
  /** A connection that has not said who it is by then is closed. */
  readonly helloMillisMax: number;
}

const defaults: SocketLimits = { connectionsMax: 1_000, helloMillisMax: 5_000 };

/**
 * The daemon's side of MCP over stdio: a unix socket that only this user can reach (directory 0700, socket 0600), to
 * which `sallyport mcp --entry ID` connects. Nothing that comes over it can name a process to run.
 */
export async function listenSocket({ path, core, limits }: SocketOptions): Promise<SocketDoor> {
  const { connectionsMax, helloMillisMax } = { ...defaults, ...limits };
  if (!isPipe(path)) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await chmod(dirname(path), 0o700);
    await removeStale(path);
  }
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, core, helloMillisMax);
  });
  server.maxConnections = connectionsWithin(connectionsMax, 'sixth');
  await bound(server, path);
  try {
    if (!isPipe(path)) await chmod(path, 0o600);
  } catch (thrown) {
    await close(server, sockets);
    throw thrown;
  }
  return { path, close: () => close(server, sockets) };
}

/** Removes what a daemon that died has left; a socket on which somebody answers is not ours to take. */
export async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is in the way: it is not a socket`);
  if (await answers(path)) throw new Error(`another gateway is listening on ${path}; stop it with sallyport down`);
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}

function serve(socket: Socket, core: McpCore, helloMillisMax: number): void {
  const hello = new FirstLine(helloBytesMax);
  const timer = setTimeout(() => socket.destroy(), helloMillisMax);
  timer.unref();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  const greet = (chunk: Buffer): void => {
    const first = hello.push(chunk);
    if (first === 'too-large') socket.destroy();
    if (first === 'too-large' || first === undefined) return;
    clearTimeout(timer);
    socket.off('data', greet);
    socket.pause();
    void welcome(socket, readHello(first.line), first.rest, core);
  };
  socket.on('data', greet);
}

async function welcome(socket: Socket, hello: Hello | undefined, rest: Buffer, core: McpCore): Promise<void> {
  const agent = hello && (await authenticate(hello.proof, core));
  if (hello === undefined || !agent?.ok) {
    noteRejected(core, 'mcp-stdio', 'unauthenticated', 'hello', undefined);
    const why = hello === undefined ? 'the first line is not a hello' : 'the entry or its secret is not known';
    socket.write(`${unwelcomeText(why)}\n`);
    hangUp(socket);
    return;
  }
  socket.write(`${welcomeText}\n`);
  converse(socket, new Connection(socket, hello, core), rest, core.limits.callBytesMax);
}

/**
 * Requests run side by side. While the other side does not read its answers, nothing more of it is read, and neither while
 * lines of it wait for their turn: one read may hold tens of thousands.
 */
function converse(socket: Socket, connection: Connection, rest: Buffer, callBytesMax: number): void {
  const frames = new FrameReader(callBytesMax);
  let lines: readonly Buffer[] = [];
  let taken = 0;
  const takeTurn = (): void => {
    // Whoever has gone is not acted for.
    if (socket.destroyed) return;
    const now = lines.slice(taken, taken + linesPerTurnMax);
    taken += now.length;
    for (const frame of now) void connection.receive(frame).catch(() => socket.destroy());
    if (taken < lines.length) setImmediate(takeTurn);
    if (taken < lines.length || socket.writableNeedDrain) socket.pause();
    else socket.resume();
  };
  const receive = (chunk: Buffer): void => {
    const complete = frames.push(chunk);
    if (complete === 'too-large') {
      connection.refuseFrame(callBytesMax);
      socket.off('data', receive);
      hangUp(socket);
      return;
    }
    lines = complete;
    taken = 0;
    takeTurn();
  };
  socket.on('drain', () => {
    connection.drained();
    if (taken === lines.length) socket.resume();
  });
  socket.on('close', () => connection.close());
  socket.on('data', receive);
  if (rest.length > 0) receive(rest);
  else socket.resume();
}

/** Of one connection, in one turn of the event loop. */
const linesPerTurnMax = 32;

/** Ends our side, and throws away for a moment what still comes: closing at once would take the last answer with it. */
function hangUp(socket: Socket): void {
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMillis);
  socket.on('close', () => clearTimeout(timer));
}

const lingerMillis = 1_000;

function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroySoon();
  });
}
