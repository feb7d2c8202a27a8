import { type AddressInfo, createServer, type Socket } from 'node:net';

/** How somebody outside goes silent: before the first byte of an answer, or in the middle of one. */
export type Silence = 'at-once' | 'half-way';

/** Takes connections and says nothing on them, but for the paths that it has a JSON answer to. */
export async function startSilent(
  silence: Silence,
  answers: (url: string) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<{ readonly url: string; readonly port: number; readonly [Symbol.asyncDispose]: () => Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer(socket => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', bytes => {
      const [, path = ''] = /^[A-Z]+ (\S+) HTTP\/1.1\r\n/.exec(bytes.toString('latin1')) ?? [];
      const known = answers(url)[path];
      if (known !== undefined) socket.end(`${head}connection: close\r\n\r\n${JSON.stringify(known)}`);
      else if (silence === 'half-way') socket.write(`${head}content-length: 1000\r\n\r\n{`);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const dispose = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  };
  return { url, port, [Symbol.asyncDispose]: dispose };
}

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
