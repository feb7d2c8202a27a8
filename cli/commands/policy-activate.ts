import type { PolicySetView, PolicyView } from '@sallyport/gateway/api/view/policy.ts';
import { readPolicyDir } from '@sallyport/gateway/policies/policy-files.ts';
import { type Command, confirmed, type Given, type Outcome, yesOption } from '../command.ts';
import { CliError, exit } from '../exit.ts';
import { counted } from '../format/counted.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { type KnownTools, knownTools, meantConfig } from '../known-tools.ts';
import { placed, problemLines, statusOf } from './policy-check.ts';

export const policyActivate: Command = {
  name: 'policy activate',
  group: 'Policy',
  summary: 'put changed policy files into force, if they validate and their tests pass',
  about: `In mode enforce a changed file is only a candidate until it is activated. Shows which policies come and go, runs the tests
beside them, and asks. What is activated is exactly what was looked at.`,
  examples: [
    ['sallyport policy activate', 'shows what changes and asks'],
    ['sallyport policy activate --yes', 'without asking'],
  ],
  options: [yesOption],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { paint, terminal } = given;
  const api = await given.api();
  const { policy, operator } = await api.get<{ policy: PolicyView }>('policy');
  const { active, candidate } = policy;
  if (candidate === undefined)
    return {
      json: { operator, policy },
      text: inForce(active),
      notes: ['The policy files have not changed.'],
    };
  if (candidate.problems.length > 0) {
    const lines = candidate.problems.map(problem => `  ${placed(problem, terminal.cwd)}`);
    throw new CliError(
      'policy-invalid',
      `the changed policies cannot be used:\n${lines.join('\n')}`,
      'Correct them and look again: `sallyport policy check`.',
    );
  }
  await checkTests(given, candidate.digest);
  terminal.err(`${changes(active, candidate).join('\n')}\n`);
  for (const note of operatorNote(operator, paint)) terminal.err(`${note}\n`);
  await confirmed(
    given,
    `Put ${candidate.policies.length === 1 ? 'this policy' : `these ${candidate.policies.length} policies`} into force?`,
  );
  const answer = await api.post<{ policy: PolicyView }>('policy/activate', { digest: candidate.digest });
  return {
    json: answer,
    text: inForce(answer.policy.active),
  };
}

/** As `status` has it, and each decision. */
function inForce({ policies, world }: PolicySetView): string {
  return `in force: ${counted(policies.length, 'policy', 'policies')}${world === undefined ? '' : ` in world ${short(world)}`}`;
}

/** The tests beside the files; a set whose tests fail is not activated. */
async function checkTests(given: Given, digest: string): Promise<void> {
  const config = meantConfig(given);
  if (config === undefined) return;
  const { checkPolicyDir } = await import('@sallyport/gateway/policies/check-dir.ts');
  const { configured } = await import('@sallyport/gateway/app/rules/configured.ts');
  const tools: KnownTools = knownTools(given, config);
  if (readPolicyDir(config.policies).digest !== digest)
    throw new CliError('conflict', 'the policy files have just changed', 'Look again: `sallyport policy activate`.');
  const checked = await checkPolicyDir(config.policies, tools.catalogue, configured(config));
  const status = statusOf(checked);
  if (status === exit.ok) return;
  const lines = problemLines(checked, given.terminal.cwd, given.paint);
  throw new CliError(
    'tests-failed',
    `${checked.problems.length > 0 ? 'the changed policies cannot be used' : 'the tests of the changed policies do not pass'}:\n${lines.join('\n')}`,
    'Correct the policies or the tests: `sallyport policy check`.',
    status,
  );
}

/** Policies that come, go, or stand somewhere else now; the text of a policy that stays is not in the view. */
function changes(active: PolicySetView, candidate: PolicySetView): string[] {
  const before = new Map(active.policies.map(policy => [policy.id, policy]));
  const after = new Map(candidate.policies.map(policy => [policy.id, policy]));
  const added = [...after.values()]
    .filter(({ id }) => !before.has(id))
    .map(({ effect, id }) => `+ ${effect} ${safeLine(id)}`);
  const removed = [...before.values()]
    .filter(({ id }) => !after.has(id))
    .map(({ effect, id }) => `- ${effect} ${safeLine(id)}`);
  const none =
    added.length + removed.length === 0
      ? ['  the same policies by name; their text, or a kind of task, has changed']
      : [];
  return [...added, ...removed, ...none];
}
