import { failsBy, type Known } from '@sallyport/gateway/engines/cedar/certain.ts';
import { parsePolicy } from '@sallyport/gateway/engines/cedar/examine.ts';
import { type Condition, readExpression } from '@sallyport/gateway/engines/cedar/expression.ts';
import { freshCedar } from '@sallyport/gateway/engines/cedar/instance.ts';
import { type Random, seeded } from '../random.ts';

export interface CertainOrder {
  readonly seed: number;
  /** One is a policy for a request. */
  readonly outcomes: number;
  /** What is said to be certain, to see that a wrong one is noticed. */
  readonly fails?: typeof failsBy;
  /** Asked before each set, with how many outcomes were compared: no ends the run there. */
  readonly goesOn?: (outcomes: number) => boolean;
}

export interface CertainReport {
  readonly outcomes: number;
  readonly engine: Readonly<Record<'holds' | 'fails' | 'errs', number>>;
  /** So many were said to fail before the engine was asked. */
  readonly certain: number;
  /** Empty, or the first policy that was said to fail and did not. */
  readonly differences: readonly string[];
}

type Context = Readonly<Record<string, unknown>>;

const policiesPerSet = 40;
const requestsPerSet = 50;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Random conditions, and what is certain of them, against what the engine makes of each policy: permits, so that it names all that hold. */
export function certainAgainstEngine({
  seed,
  outcomes,
  fails = failsBy,
  goesOn = () => true,
}: CertainOrder): CertainReport {
  const random = seeded(seed);
  const cedar = freshCedar();
  const report = { outcomes: 0, engine: { holds: 0, fails: 0, errs: 0 }, certain: 0, differences: [] as string[] };
  while (report.outcomes < outcomes && report.differences.length === 0 && goesOn(report.outcomes)) {
    const texts = Array.from({ length: policiesPerSet }, () => policyText(random));
    const staticPolicies = Object.fromEntries(texts.map((text, index) => [`p${index}`, text]));
    if (cedar.preparsePolicySet('set', { staticPolicies }).type !== 'success')
      throw new Error('a random policy does not parse');
    const claims = texts.map(text => fails<Context>(conditionsOf(text, cedar), known));
    for (let count = 0; count < requestsPerSet; count++) {
      const context = randomContext(random);
      const { holding, erring } = ask(context, cedar);
      for (const [index, claim] of claims.entries()) {
        const [holds, errs] = [holding.has(`p${index}`), erring.has(`p${index}`)];
        report.outcomes++;
        report.engine[holds ? 'holds' : errs ? 'errs' : 'fails']++;
        if (claim?.(context) !== true) continue;
        report.certain++;
        if (holds || errs) report.differences.push(`seed ${seed}: ${texts[index]} ${JSON.stringify(context)}`);
      }
    }
  }
  return report;
}

type Cedar = ReturnType<typeof freshCedar>;

function ask(context: Context, cedar: Cedar): { holding: ReadonlySet<string>; erring: ReadonlySet<string> } {
  const answer = cedar.statefulIsAuthorized({
    principal: { type: 'Agent', id: 'a' },
    action: { type: 'Action', id: 'b' },
    resource: { type: 'Tool', id: 'c' },
    context: context as never,
    entities: [],
    preparsedPolicySetId: 'set',
  });
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
  const { reason, errors } = answer.response.diagnostics;
  return { holding: new Set(reason), erring: new Set(errors.map(({ policyId }) => policyId)) };
}

function conditionsOf(text: string, cedar: Cedar): Condition[] {
  const { json } = parsePolicy({ text, unscoped: text }, cedar);
  if (json === undefined) throw new Error(`not a policy: ${text}`);
  return json.conditions.map(({ kind, body }) => ({ kind, body: readExpression(body) }));
}

/** As the engine adapter knows facts: what is not there, or is neither `true` nor `false`, is not certain. */
const known: Known<Context> = (variable, path) => {
  const [name, ...more] = path;
  if (variable !== 'context' || name === undefined || more.length > 0) return undefined;
  return context => (typeof context[name] === 'boolean' ? context[name] : undefined);
};

/** Mostly `true` and `false`; now and then one that is missing, or is something else. */
function randomContext(random: Random): Context {
  const entries = names.map(name => [
    name,
    random.chance(0.9) ? random.chance(0.5) : random.pick([undefined, 1, 'true']),
  ]);
  return { ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)), n: random.below(4) };
}

function policyText(random: Random): string {
  const clauses = Array.from({ length: 1 + random.below(3) }, () => {
    return `${random.pick(['when', 'unless'])} { ${expression(random, random.below(5))} }`;
  });
  return `permit (principal, action, resource) ${clauses.join(' ')};`;
}

function expression(random: Random, depth: number): string {
  const below = (): string => expression(random, depth - 1);
  if (depth <= 0 || random.chance(0.15)) return leaf(random);
  return random.pick([
    () => `(${below()} && ${below()})`,
    () => `(${below()} || ${below()})`,
    () => `!(${below()})`,
    () => `(${below()} && ${below()} && ${below()})`,
    () => `(${below()} || ${below()} || ${below()})`,
    () => `(if ${below()} then ${below()} else ${below()})`,
    () => `(${below()} == ${below()})`,
  ])();
}

function leaf(random: Random): string {
  const name = random.pick(names);
  return random.chance(0.75)
    ? `context.${name}`
    : random.pick([
        'true',
        'false',
        '(context.n > 1)',
        '(context.n + 9223372036854775807 > 0)',
        `(context has ${name})`,
        'context.n',
      ]);
}
