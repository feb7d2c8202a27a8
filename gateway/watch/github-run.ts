import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { ask, at, WatchFault } from './ask.ts';
import type { GitHubConfig } from './config.ts';
import type { Looking } from './looking.ts';

/** Asks for a run again and again until it is over (GitHub REST API, "Get a workflow run"). */
export async function followRun(
  { apiUrl, tokenFile, pollSeconds }: GitHubConfig,
  { repository, run }: { readonly repository: string; readonly run: string },
  looking: Looking,
): Promise<void> {
  while (!looking.signal.aborted) {
    const headers = {
      ...{ accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', 'user-agent': 'sallyport' },
      ...(tokenFile === undefined ? {} : { authorization: `Bearer ${await tokenIn(tokenFile)}` }),
    };
    const url = `${apiUrl}/repos/${repository}/actions/runs/${run}`;
    const { status, body } = await ask({ url, headers, ca: undefined, signal: looking.signal });
    if (status === 404) return looking.ended('there is no such run');
    if (status !== 200) throw new WatchFault(`GitHub answered with HTTP ${status}`);
    if (String(at(body, 'id')) !== run || typeof at(body, 'status') !== 'string')
      throw new WatchFault('GitHub answered with something else than the run');
    looking.seen();
    if (at(body, 'status') === 'completed') {
      const conclusion = at(body, 'conclusion');
      const known = typeof conclusion === 'string' && /^[a-z_]{1,40}$/.test(conclusion) ? `: ${conclusion}` : '';
      return looking.ended(`the run has ended${known}`);
    }
    await setTimeout(pollSeconds * 1000, undefined, { signal: looking.signal }).catch(() => undefined);
  }
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    throw new WatchFault('the token for GitHub cannot be read');
  }
}
