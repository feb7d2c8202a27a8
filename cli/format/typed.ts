import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { firstWords } from '../commands.ts';

const inCheckout = 'npm exec -- sallyport';

/** How the user has to call us: by name where the shell finds us, otherwise through npm, as in a checkout. */
export function calledAs(env: NodeJS.ProcessEnv): string {
  if (env.PATH === undefined) return 'sallyport';
  // npm puts node_modules/.bin into the path of what it runs; the user's own shell does not have it there.
  const folders = env.PATH.split(delimiter).filter(folder => !folder.includes(`node_modules${sep}.bin`));
  const names = process.platform === 'win32' ? ['sallyport.cmd', 'sallyport.exe'] : ['sallyport'];
  return folders.some(folder => names.some(name => existsSync(join(folder, name)))) ? 'sallyport' : inCheckout;
}

/**
 * Commands that a text tells the user to run, as they have to be typed here, whatever colour they begin in. `state` is the directory that
 * was given with `--state`: without it the next command would speak to another gateway.
 */
export function asTyped(text: string, env: NodeJS.ProcessEnv, state?: string): string {
  const called = calledAs(env);
  const words = [...firstWords, 'COMMAND', '--help'].join('|');
  const begins = `(?:(?<=\\u001b\\[[0-9;]*m)|(?<![\\w/.-] ?))sallyport (?=(?:${words})(?![\\w-]))`;
  if (state === undefined) return called === 'sallyport' ? text : text.replace(new RegExp(begins, 'g'), `${called} `);
  // A line that names a directory itself, or that only leads to help, means what it says.
  const own = '(?<own>[^`\\n]*--(?:state|help)\\b)?';
  return text.replace(new RegExp(begins + own, 'g'), (_, rest?: string) =>
    rest === undefined ? `${called} --state ${shellWord(state)} ` : `${called} ${rest}`,
  );
}

function shellWord(text: string): string {
  return /^[\w/.:@%+=,~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
