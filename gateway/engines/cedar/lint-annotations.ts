import { isKnownObligation, obligationForms, obligationsIn } from '@sallyport/core/policy/obligation.ts';
import { durationSeconds, escalationIn, peopleIn, peopleMax } from '@sallyport/core/policy/terms.ts';
import { asks, type ParsedPolicy, problemAt } from './parsed.ts';
import { type PolicyProblem, suggestion } from './problem.ts';

const policyIdPattern = /^[a-z0-9-]{1,64}$/;
const annotationCharsMax = 300;
const knownAnnotations = [
  'id',
  'reason',
  'fix',
  'approver',
  'expires',
  'people',
  'escalate',
  'answer',
  'obligation',
  'task',
];

/** `@id` is required and unique; the others must be known and must mean something. */
export function lintAnnotations(policy: ParsedPolicy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const say = (message: string, fix?: string): void => void problems.push(problemAt(policy.place, message, fix));
  if (!policy.annotations.has('id')) say('a policy needs an id', 'write `@id("…")` before it');
  for (const [name, value] of policy.annotations) {
    if (!knownAnnotations.includes(name))
      say(`the annotation \`@${name}\` is not known`, suggestion(name, knownAnnotations) ?? `known are ${list()}`);
    else if (value === undefined || value.trim() === '') say(`the annotation \`@${name}\` has no value`);
    else if (value.length > annotationCharsMax) say(`\`@${name}\` is longer than ${annotationCharsMax} characters`);
    else problems.push(...valueProblems(policy, name, value));
  }
  return problems;
}

function list(): string {
  return knownAnnotations.map(name => `\`@${name}\``).join(', ');
}

function valueProblems(policy: ParsedPolicy, name: string, value: string): PolicyProblem[] {
  if (name === 'id' && !policyIdPattern.test(value))
    return [problemAt(policy.place, `the id \`${value}\` is not of the form [a-z0-9-]{1,64}`)];
  if (name === 'expires' && durationSeconds(value) === undefined)
    return [problemAt(policy.place, `\`@expires("${value}")\` is no duration`, 'write `90s`, `10m` or `2h`')];
  if (name === 'people' && peopleIn(value) === undefined)
    return [
      problemAt(policy.place, `\`@people("${value}")\` is no number from 1 to ${peopleMax}`, 'write `@people("2")`'),
    ];
  if (name === 'escalate' && escalationIn(value) === undefined)
    return [
      problemAt(policy.place, `\`@escalate("${value}")\` names no time and group`, 'write `@escalate("5m: security")`'),
    ];
  if (name === 'task' && (value !== 'suspend' || policy.effect === 'permit'))
    return [problemAt(policy.place, 'the annotation `@task` can only be `@task("suspend")`, of a forbid')];
  if (name === 'answer' && value !== 'client')
    return [problemAt(policy.place, `\`@answer("${value}")\` is not known`, 'the only value is `client`')];
  if (name === 'answer' && (peopleIn(policy.annotations.get('people')) ?? 1) > 1)
    return [problemAt(policy.place, '`@answer("client")` cannot stand beside `@people`: the client is one person')];
  if (name !== 'obligation') return [];
  if (policy.effect === 'forbid') return [problemAt(policy.place, 'a forbid cannot have an obligation')];
  const unknown = obligationsIn(value).find(obligation => !isKnownObligation(obligation));
  if (unknown === undefined) return [];
  const known = `known are ${obligationForms.map(form => `\`${form}\``).join(', ')}`;
  return [
    problemAt(policy.place, `the obligation \`${unknown.name}\` is not known, or its value is none of its own`, known),
  ];
}

/** Ids are the keys of everything that is said about a decision. */
export function lintUnique(policies: readonly ParsedPolicy[]): PolicyProblem[] {
  const first = new Map<string, ParsedPolicy>();
  return policies.flatMap(policy => {
    const other = first.get(policy.id);
    if (other === undefined || policy.id === '') {
      first.set(policy.id, policy);
      return [];
    }
    const { file, line } = other.place;
    return [problemAt(policy.place, `the id \`${policy.id}\` stands already at ${file}:${line}`, 'give it another id')];
  });
}

/** Terms of an approval on a policy that never asks for one do nothing. */
export function warnIdleTerms(policy: ParsedPolicy): PolicyProblem[] {
  if (asks(policy))
    return policy.annotations.has('task')
      ? [problemAt(policy.place, '`@task` does nothing: a person can approve what this policy forbids')]
      : [];
  return ['approver', 'expires', 'people', 'escalate', 'answer']
    .filter(name => policy.annotations.has(name))
    .map(name =>
      problemAt(policy.place, `\`@${name}\` does nothing: the policy does not mention \`context.approved\``),
    );
}
