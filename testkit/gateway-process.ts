import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Ask, operatorOf } from './gateway/operator.ts';
import { until } from './upstream/fixture.ts';

/** A real `sallyport up`, with a state directory of its own. */
export interface GatewayProcess extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  readonly stateDir: string;
  /** A bearer token for `agent`. */
  readonly token: (agent: string) => Promise<string>;
  readonly ask: Ask;
}

export interface GatewayProcessOptions {
  /** Text of `sallyport.yaml` without `listen` and `policies`. */
  readonly config: string;
  /** Text of the only policy file; where absent, everything is permitted. */
  readonly policies?: string;
}

const permitAll = '@id("permit-all")\npermit (principal, action, resource);\n';
const command = resolve(import.meta.dirname, '../cli/bin/sallyport.js');
const startMillisMax = 60_000;

export async function startGatewayProcess({
  config,
  policies = permitAll,
}: GatewayProcessOptions): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-gateway-'));
  const stateDir = join(folder, 'state');
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies/all.cedar'), policies);
  writeFileSync(join(folder, 'sallyport.yaml'), `listen: 127.0.0.1:0\npolicies: ./policies\n${config}`);
  const args = [command, 'up', '--foreground', '--config', join(folder, 'sallyport.yaml'), '--state', stateDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-20_000);
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await new Promise(done => child.once('exit', done));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  const isUp = (): boolean => {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}: ${said}`);
    return /ready\s+http/.test(said);
  };
  try {
    await until('the gateway is ready', isUp, startMillisMax);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const { url } = JSON.parse(readFileSync(join(stateDir, 'gateway.json'), 'utf8')) as { url: string };
  const ask = operatorOf(url, stateDir);
  return {
    url,
    stateDir,
    ask,
    token: async agent => (await ask<{ token: string }>(`agents/${agent}/token`, {})).token,
    [Symbol.asyncDispose]: close,
  };
}
