import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Handle = (req: IncomingMessage, res: ServerResponse) => void;

interface Arrived {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly handle: Handle;
}

interface Connection {
  current: Arrived;
  /** Its end is being waited for. */
  followed: Arrived | undefined;
  /** What came before that was answered. */
  readonly ahead: Arrived[];
  /** Nothing more is taken; said once all of the above is answered. */
  last: (() => void) | undefined;
}

/** Requests that a client may send before it has read the answers to those before (RFC 9112 §9.3.2); hardly any sends one. */
const aheadMax = 16;

const connections = new WeakMap<Socket, Connection>();

/**
 * The requests of one connection, each once the one before it is answered. Node hands over all that lie in one packet at once:
 * what stood behind a refused request, which may be its smuggled tail, was acted upon before the connection was closed.
 */
export function inOrder(handle: Handle, tooMany: (socket: Socket) => void): Handle {
  return (req, res) => {
    const { socket } = req;
    // Nobody is there any more, or an answer has closed the connection.
    if (!socket.writable) return;
    const arrived = { req, res, handle };
    const connection = connections.get(socket);
    if (connection === undefined)
      connections.set(socket, { current: arrived, followed: undefined, ahead: [], last: undefined });
    else if (connection.last !== undefined) return stopReading(socket);
    else if (!connection.current.res.closed) return wait(arrived, connection, () => tooMany(socket));
    else connection.current = arrived;
    handle(req, res);
  };
}

function wait(arrived: Arrived, connection: Connection, tooMany: () => void): void {
  if (connection.ahead.length < aheadMax) connection.ahead.push(arrived);
  else {
    connection.last = tooMany;
    stopReading(arrived.req.socket);
  }
  follow(connection);
}

/** Once Node is done with what it has: at the end of each request it would read on, and keep all that comes. */
function stopReading(socket: Socket): void {
  process.nextTick(() => socket.pause());
}

function follow(connection: Connection): void {
  const { current } = connection;
  if (connection.followed === current) return;
  connection.followed = current;
  current.res.once('close', () => goOn(connection));
}

function goOn(connection: Connection): void {
  if (!connection.current.req.socket.writable) return;
  const next = connection.ahead.shift();
  if (next === undefined) return void connection.last?.();
  connection.current = next;
  if (connection.ahead.length > 0 || connection.last !== undefined) follow(connection);
  next.handle(next.req, next.res);
}

/** Says what is wrong with the bytes that came, in the place of an answer to them: behind those to what came before. */
export function sayLast(socket: Socket, say: () => void): void {
  const connection = connections.get(socket);
  if (connection === undefined || connection.current.res.closed) return void say();
  if (connection.last !== undefined) return;
  const { current, ahead } = connection;
  const newest = ahead.at(-1) ?? current;
  if (!newest.req.complete) {
    // It is the body of that one, which is answered already, or with this.
    if (newest !== current) ahead.pop();
    else if (!current.res.headersSent) return void say();
  }
  connection.last = say;
  follow(connection);
}

/** Whether somebody waits there for an answer. */
export function isAnswering(socket: Socket): boolean {
  return connections.get(socket)?.current.res.closed === false;
}
