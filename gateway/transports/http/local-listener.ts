import { chmod } from 'node:fs/promises';
import { isPipe } from '../local-place.ts';
import { removeStale } from '../stdio/socket.ts';
import { closeServer, listenLimits, plainServer, prepareServer, serverOptions, taking } from './listener.ts';
import type { Router } from './router.ts';

/** The same as the one listener, on a socket that only this user can reach: there is no port that another could take over. */
export async function listenLocally(path: string, router: Router): Promise<{ readonly close: () => Promise<void> }> {
  const rules = { hosts: new Set(['localhost']), origins: new Set<string>() };
  if (!isPipe(path)) await removeStale(path);
  const taken = taking(() => rules, router);
  const server = prepareServer(plainServer(serverOptions(listenLimits), taken), listenLimits, 'sixth', taken);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (!isPipe(path)) await chmod(path, 0o600);
  return { close: () => closeServer(server, listenLimits.closeMillisMax) };
}
