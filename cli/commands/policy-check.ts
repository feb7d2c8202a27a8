import { resolve } from 'node:path';
import type { CheckedDir } from '@sallyport/gateway/policies/check-dir.ts';
import { arg, type Command, type Given, type Outcome } from '../command.ts';
import { type ExitStatus, exit } from '../exit.ts';
import { counted } from '../format/counted.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';
import { type KnownTools, knownTools, meantConfig } from '../known-tools.ts';
import { near } from './policy-fmt.ts';

export const policyCheck: Command = {
  name: 'policy check',
  group: 'Policy',
  args: '[dir]',
  summary: 'validate policy files and run the tests beside them; no gateway needed',
  about: `DIR holds *.cedar files with *.test.yaml beside them; default: that of the configuration, else ./policies. Policies are
held against the tools that are pinned in the state directory and those that the configuration brings (of other agents, of coding
clients); --tools (a TOOLS.json as for replay) takes the place of those that are pinned.
Ends with 0 if all is well, 1 if the set does not validate, 5 if a test fails.`,
  examples: [
    ['sallyport policy check', 'the policies of the gateway that runs'],
    ['sallyport policy check ./policies --tools tools.json', 'anywhere, for instance in continuous integration'],
  ],
  options: [
    { flags: '--config <file>', text: 'the configuration file' },
    { flags: '--tools <file>', text: 'the tools, instead of those that are pinned' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { checkPolicyDir } = await import('@sallyport/gateway/policies/check-dir.ts');
  const { configured } = await import('@sallyport/gateway/app/rules/configured.ts');
  const { cwd } = given.terminal;
  const config = meantConfig(given);
  const named = arg(given, 0);
  const dir = named === '' ? (config?.policies ?? resolve(cwd, 'policies')) : resolve(cwd, named);
  const tools = knownTools(given, config);
  const checked = await checkPolicyDir(dir, tools.catalogue, config && configured(config));
  return {
    status: statusOf(checked),
    json: { dir, tools: { count: tools.count, from: tools.from }, ...checked },
    text: checkedText(checked, near(dir, cwd), tools, given),
    notes:
      tools.from === 'none'
        ? [
            'No tool is known here, so names of tools and arguments were not checked: add --tools FILE, or start the gateway once.',
          ]
        : [],
  };
}

export function statusOf({ problems, tests }: CheckedDir): ExitStatus {
  if (problems.length > 0) return exit.error;
  return tests.some(({ outcome }) => outcome === 'failed') ? exit.regressed : exit.ok;
}

function checkedText(checked: CheckedDir, dir: string, tools: KnownTools, { paint, terminal }: Given): string {
  const count = (outcome: string): number => checked.tests.filter(test => test.outcome === outcome).length;
  const skipped = count('skipped') === 0 ? '' : `, ${count('skipped')} skipped`;
  const against = `${counted(checked.policies, 'policy', 'policies')} against ${counted(tools.count, 'tool')}`;
  // What cannot be used is not counted as policies, nor tested.
  const ending =
    checked.problems.length > 0
      ? `${paint.bad('cannot be used')}: ${counted(checked.problems.length, 'problem')}, and no test was run`
      : `${against}: ${counted(count('passed'), 'test')} passed, ${count('failed')} failed${skipped}`;
  return [...problemLines(checked, terminal.cwd, paint), `${dir}: ${ending}`].join('\n');
}

export function problemLines({ problems, warnings, tests }: CheckedDir, cwd: string, paint: Paint): string[] {
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  return [
    ...problems.map(problem => `${paint.bad('problem')}  ${placed(problem, cwd)}`),
    ...warnings.map(warning => `${paint.warn('warning')}  ${placed(warning, cwd)}`),
    ...failed.map(
      ({ name, message, ...place }) =>
        `${paint.bad('FAILED')}   ${placed({ ...place, message: `${name}: ${message}` }, cwd)}`,
    ),
  ];
}

interface Placed {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly fix?: string;
}

export function placed({ file, line, message, fix }: Placed, cwd: string): string {
  const place = file === '' ? '' : `${near(file, cwd)}${line > 0 ? `:${line}` : ''}: `;
  return safeLine(`${place}${message}${fix === undefined ? '' : `; ${fix}`}`);
}
