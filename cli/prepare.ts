import { gatewayScript } from './bundle/gateway-script.ts';
import { buildConsole } from './console-build.ts';

/**
 * What the first start of a version would have to build: whoever installs one has it built while people wait anyway. What fails here
 * is no reason to stop: the start tries it again, and says why it has to do without.
 */
export async function prepare(say: (text: string) => void, env = process.env): Promise<void> {
  await Promise.all([gatewayScript(say, env), buildConsole(say)]);
}
