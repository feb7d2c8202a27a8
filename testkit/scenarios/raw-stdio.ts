import { once } from 'node:events';
import { connect } from 'node:net';

export interface StdioExchange {
  /** What the daemon said after its welcome, line by line. */
  readonly lines: readonly string[];
  readonly closed: boolean;
}

/**
 * Sends a hello and then `bytes` over the socket, and reads until `linesMax` lines came or the daemon closed. Where fewer
 * are expected than might come, a ping at the end shows that nothing more does.
 */
export async function sendLines(
  path: string,
  hello: string,
  bytes: Buffer,
  until: (lines: readonly string[]) => boolean,
  millisMax = 10_000,
): Promise<StdioExchange> {
  const socket = connect(path);
  socket.on('error', () => {});
  await once(socket, 'connect');
  let text = '';
  const timer = setTimeout(() => socket.destroy(new Error('too slow')), millisMax);
  socket.write(`${hello}\n`);
  socket.write(bytes);
  let closed = true;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8');
      closed = !until(linesOf(text));
      if (!closed) break;
    }
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  return { lines: linesOf(text), closed };
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(1, -1);
}
