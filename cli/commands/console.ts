import type { Role } from '@sallyport/gateway/api/caller.ts';
import { type Command, flag, type Given, type Outcome, text } from '../command.ts';
import { operatorNote } from '../format/operator.ts';
import { duration } from '../format/time.ts';
import { openBrowser } from '../open-browser.ts';

export const consoleCommand: Command = {
  name: 'console',
  group: 'Run',
  summary: 'a link that opens the console in a browser, once',
  about: `Everything in the browser: what is decided, why, what waits for a yes, and the way to stop it. The link signs one page in,
once, and is worth nothing after two minutes. The sign-in lives in that page's memory and ends with it.`,
  examples: [
    ['sallyport console', 'prints the link'],
    ['sallyport console --open', 'and opens it'],
    ['sallyport console --role viewer', 'for somebody who may look and change nothing'],
  ],
  options: [
    { flags: '--role <role>', text: 'viewer, approver, operator or admin (default)' },
    { flags: '--open', text: 'open it in the browser of this machine' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const role = text(given, 'role') as Role | undefined;
  const answer = await api.post<{ link: string; expiresAt: number }>(
    'session/link',
    role === undefined ? {} : { role },
  );
  const url = `${api.url}/#${answer.link}`;
  if (flag(given, 'open')) openBrowser(url);
  return {
    json: { url, expiresAt: answer.expiresAt, operator: answer.operator },
    text: url,
    notes: [
      `works once, for ${duration(answer.expiresAt - Date.now())}`,
      ...operatorNote(answer.operator, given.paint),
    ],
  };
}
