import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { ended, gatewayPid, issueToken, reachable, startEverything, startGateway, stdioServer } from './processes.ts';

/** A gateway with everything on, in front of `server-everything` over HTTP; two further servers are configured and rest. */
export interface WholeGateway {
  /** MCP at the server itself, and at the gateway in front of it. */
  readonly direct: string;
  readonly through: string;
  readonly token: string;
  readonly serverPid: number;
  readonly gatewayPid: number;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** `profile`: the folder into which the gateway writes a CPU profile when it ends. */
export async function openWholeGateway(profile?: string): Promise<WholeGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const [serverPort, port] = [await freePort(), await freePort()];
  const direct = `http://127.0.0.1:${serverPort}/mcp`;
  const url = `http://127.0.0.1:${port}`;
  const server = startEverything(serverPort);
  await reachable(direct, server);
  const servers = [`everything: { url: "${direct}" }`, stdioServer('filesystem', [folder]), stdioServer('memory')];
  const gateway = startGateway({ folder, port, servers, profile });
  const close = async (): Promise<void> => {
    await ended([gateway, server]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await reachable(`${url}/readyz`, gateway);
    return {
      ...{ direct, through: `${url}/mcp/everything`, token: await issueToken(url, folder) },
      ...{ serverPid: server.pid ?? 0, gatewayPid: gatewayPid(folder) },
      [Symbol.asyncDispose]: close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
