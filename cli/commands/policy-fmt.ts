import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { readPolicyDir } from '@sallyport/gateway/policies/policy-files.ts';
import { type Command, flag, type Given, type Outcome } from '../command.ts';
import { exit } from '../exit.ts';

export const policyFmt: Command = {
  name: 'policy fmt',
  group: 'Policy',
  args: '[paths...]',
  summary: 'lay out policy files as Cedar’s own formatter does',
  about:
    'PATHS are files or directories; default `policies`. A file whose meaning or comments would change is left alone.',
  examples: [
    ['sallyport policy fmt', 'every *.cedar file in policies/'],
    ['sallyport policy fmt --check', 'change nothing; end with 1 if a file is laid out otherwise'],
  ],
  options: [{ flags: '--check', text: 'only say which files would change' }],
  run,
};

interface Laid {
  readonly file: string;
  readonly state: 'unchanged' | 'changed' | 'would change' | 'cannot';
  readonly problems?: readonly string[];
}

async function run(given: Given): Promise<Outcome> {
  const { formatPolicies } = await import('@sallyport/gateway/engines/cedar/format.ts');
  const { showProblem } = await import('@sallyport/gateway/engines/cedar/problem.ts');
  const { cwd } = given.terminal;
  const check = flag(given, 'check');
  const files = (given.args.length === 0 ? ['policies'] : given.args).flatMap(path => sourcesAt(resolve(cwd, path)));
  const laid = files.map(({ file, text }): Laid => {
    const shown = near(file, cwd);
    const formatted = formatPolicies({ file: shown, text });
    if (!formatted.ok) return { file: shown, state: 'cannot', problems: formatted.problems.map(showProblem) };
    if (!formatted.changed) return { file: shown, state: 'unchanged' };
    if (!check) writeFileSync(file, formatted.text);
    return { file: shown, state: check ? 'would change' : 'changed' };
  });
  const failed = laid.some(({ state }) => state === 'cannot' || state === 'would change');
  return {
    status: failed ? exit.error : exit.ok,
    json: { files: laid },
    text: laid
      .filter(({ state }) => state !== 'cannot')
      .map(({ file, state }) => `${state}  ${file}`)
      .join('\n'),
    notes: laid.flatMap(({ problems }) => problems ?? []),
  };
}

function sourcesAt(path: string): readonly { file: string; text: string }[] {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [{ file: path, text: readFileSync(path, 'utf8') }];
  return readPolicyDir(path).sources;
}

/** Below the working directory a path is shown relative to it. */
export function near(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
}
