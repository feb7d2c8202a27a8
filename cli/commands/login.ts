import { type Command, flag, type Given, type Outcome, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { cut, safeLine } from '../format/safe.ts';
import { duration } from '../format/time.ts';
import { personMillisMax, readLogin, removeLogin, signIn, writeLogin } from '../login.ts';
import { openBrowser } from '../open-browser.ts';
import { readRunning } from '../running.ts';

export const login: Command = {
  name: 'login',
  group: 'Connect',
  summary: 'sign in as a person at the organisation’s provider, or print a one-time code',
  about: `Opens the provider’s page in a browser and keeps what comes of it in the state directory: other commands then act as this
person, with this person’s role, where the operator’s key is not at hand. The sign-in lasts twelve hours.
Where no provider is configured, whoever holds the operator’s key agrees to a client’s request with a one-time code.`,
  examples: [
    ['sallyport login --url https://gateway.example.com', 'on a machine of your own'],
    ['sallyport login --code', 'a code for the page on which a client asks to act as an agent'],
    ['sallyport login --out', 'forgets the sign-in'],
  ],
  options: [
    {
      flags: '--url <url>',
      text: 'the gateway; without it, the one that runs on this state, or that of the sign-in before',
    },
    { flags: '--open', text: 'open the page in the browser of this machine' },
    { flags: '--code', text: 'print a one-time code instead, with the operator’s key' },
    { flags: '--out', text: 'forget the sign-in' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  if (flag(given, 'code')) return oneTimeCode(given);
  if (flag(given, 'out')) {
    removeLogin(given.stateDir);
    return {
      json: { out: true },
      notes: ['The sign-in is forgotten here; it ends at the gateway within twelve hours.'],
    };
  }
  const known = readRunning(given.stateDir) ?? readLogin(given.stateDir);
  const base = (text(given, 'url') ?? known?.url)?.replace(/\/$/, '');
  if (base === undefined) throw usageError('name the gateway with --url URL');
  if (!/^https?:$/.test(URL.parse(base)?.protocol ?? ''))
    throw usageError(
      `--url ${cut(safeLine(base), 160)} is no address of a gateway`,
      'For instance: --url https://gateway.example.com',
    );
  const done = await signIn(base, url => {
    given.terminal.err(
      `Open this page in a browser on this machine and sign in:\n\n  ${url}\n\nWaiting for it, at most ${duration(personMillisMax)}; Ctrl-C gives up.\n`,
    );
    if (flag(given, 'open')) openBrowser(url);
  });
  writeLogin(given.stateDir, done);
  return {
    json: { url: done.url, role: done.role, expiresAt: done.expiresAt },
    text: `signed in at ${done.url} as ${done.role}`,
    notes: [`for ${duration(done.expiresAt - Date.now())}`],
  };
}

async function oneTimeCode(given: Given): Promise<Outcome> {
  const api = await given.api();
  const { link, expiresAt } = await api.post<{ link: string; expiresAt: number }>('session/link', { role: 'operator' });
  return {
    json: { code: link, expiresAt },
    text: link,
    notes: [`works once, for ${duration(expiresAt - Date.now())}; paste it only on a page of this gateway`],
  };
}
