import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The control API as an operator sees it: `ask('status')`, and with a body a POST. What it answers is given as it came. */
export type Ask = <T>(path: string, body?: object) => Promise<T>;

/** The operator of the gateway at `url` that works on this state. */
export function operatorOf(url: string, stateDir: string): Ask {
  const key = readFileSync(join(stateDir, 'operator.key'), 'utf8').trim();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return async <T>(path: string, body?: object): Promise<T> => {
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    return (await (await fetch(`${url}/api/v1/${path}`, init)).json()) as T;
  };
}
