import { connect, type Socket } from 'node:net';
import { FirstLine } from './frames.ts';
import { helloBytesMax, helloText } from './hello.ts';

export interface LinkOptions {
  readonly socketPath: string;
  readonly entry: string;
  readonly secret: string;
  readonly task: string | undefined;
  /** One server's own names, as on `/mcp/<server>`; undefined for all. */
  readonly server: string | undefined;
  readonly version: string;
  readonly connectMillisMax: number;
}

export type Linked =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly why: string; readonly fix: string };

/** Connects to the daemon and says hello. Once it resolves, the next byte from the socket is MCP. */
export function openLink(options: LinkOptions): Promise<Linked> {
  return new Promise(resolve => {
    const socket = connect(options.socketPath);
    const answer = new FirstLine(helloBytesMax);
    const timer = setTimeout(() => fail('the gateway does not answer'), options.connectMillisMax);
    const fail = (why: string, fix = 'start it with `sallyport up`'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, why, fix });
    };
    const receive = (chunk: Buffer): void => {
      const first = answer.push(chunk);
      if (first === undefined) return;
      const why = first === 'too-large' ? notTheGateway : unwelcome(first.line);
      if (first === 'too-large' || why !== undefined) {
        fail(why ?? notTheGateway, 'see whether the entry is still configured, and what its secret is');
        return;
      }
      clearTimeout(timer);
      socket.off('data', receive);
      socket.off('error', refused);
      socket.off('close', closed);
      socket.pause();
      if (first.rest.length > 0) socket.unshift(first.rest);
      resolve({ ok: true, socket });
    };
    const refused = (): void => fail('the gateway is not running');
    const closed = (): void => fail('the gateway closed the connection');
    socket.on('error', refused);
    socket.on('close', closed);
    socket.on('data', receive);
    socket.write(`${helloText({ ...options, shim: options.version })}\n`);
  });
}

const notTheGateway = 'what answers there is not the gateway';

/** Why the daemon does not want us; undefined if it does. */
function unwelcome(frame: Buffer): string | undefined {
  try {
    const answer = JSON.parse(frame.toString('utf8')) as { sallyport?: unknown; ok?: unknown; why?: unknown };
    if (answer.sallyport === 1 && answer.ok === true) return undefined;
    return typeof answer.why === 'string' ? answer.why : notTheGateway;
  } catch {
    return notTheGateway;
  }
}
