import { spawnSync } from 'node:child_process';
import { CliError, exit } from '../exit.ts';
import type { Service } from './unit.ts';

/** A service has 90 seconds to be ready, and longer while it says how far it is with a long journal. */
const programMillisMax = 900_000;

/** Throws where it does not end well, with the first line of what it said. */
export function runSystemctl(env: NodeJS.ProcessEnv, scope: Service['scope'], ...words: readonly string[]): void {
  const said = run(env, 'systemctl', ...(scope === 'user' ? ['--user'] : []), ...words);
  if (said.why === undefined) return;
  const fix =
    scope === 'user'
      ? 'Is there a user session of systemd? Without one: `sallyport up`, which goes on in the background.'
      : `See: journalctl -u ${words.at(-1)}`;
  throw new CliError('systemd', `${said.line} failed: ${said.why}`, fix, exit.unhealthy);
}

/** Any other program of the machine. Throws likewise. */
export function runProgram(env: NodeJS.ProcessEnv, program: string, ...words: readonly string[]): string {
  const said = run(env, program, ...words);
  if (said.why === undefined) return said.output;
  throw new CliError('service', `${said.line} failed: ${said.why}`, undefined, exit.unhealthy);
}

interface Said {
  readonly line: string;
  readonly output: string;
  /** Undefined where it ended well. */
  readonly why: string | undefined;
}

function run(env: NodeJS.ProcessEnv, program: string, ...words: readonly string[]): Said {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    ...{ env, encoding: 'utf8', timeout: programMillisMax },
  });
  const said = error === undefined ? (stderr.trim().split('\n')[0] ?? '') : 'it cannot be started';
  return {
    line: [program, ...words].join(' '),
    output: stdout ?? '',
    why: status === 0 ? undefined : said === '' ? `it ended with ${status}` : said,
  };
}
