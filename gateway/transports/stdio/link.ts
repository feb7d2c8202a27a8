import { connect, type Socket } from 'node:net';
import { FrameReader } from './frames.ts';
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

export type Linked = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly why: string };

/** Connects to the daemon and says hello. Once it resolves, the next byte from the socket is MCP. */
export function openLink(options: LinkOptions): Promise<Linked> {
  return new Promise(resolve => {
    const socket = connect(options.socketPath);
    const answer = new FrameReader(helloBytesMax);
    const timer = setTimeout(() => fail('the gateway does not answer'), options.connectMillisMax);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, why });
    };
    const receive = (chunk: Buffer): void => {
      const frames = answer.push(chunk);
      if (frames === 'too-large') fail('what answers there is not the gateway');
      const first = frames === 'too-large' ? undefined : frames[0];
      if (first === undefined) return;
      const why = unwelcome(first);
      if (why !== undefined) {
        fail(why);
        return;
      }
      clearTimeout(timer);
      socket.off('data', receive);
      socket.off('error', refused);
      socket.off('close', closed);
      socket.pause();
      const rest = chunk.subarray(chunk.indexOf(0x0a) + 1);
      if (rest.length > 0) socket.unshift(rest);
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

/** Why the daemon does not want us; undefined if it does. */
function unwelcome(frame: Buffer): string | undefined {
  try {
    const answer = JSON.parse(frame.toString('utf8')) as { sallyport?: unknown; ok?: unknown; why?: unknown };
    if (answer.sallyport === 1 && answer.ok === true) return undefined;
    return typeof answer.why === 'string' ? answer.why : 'what answers there is not the gateway';
  } catch {
    return 'what answers there is not the gateway';
  }
}
