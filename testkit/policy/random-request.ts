import { noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { fakeFlow } from '../fakes/flow.ts';
import type { Random } from '../random.ts';
import { type CastTool, castAgents, castTools, type Field } from './cast.ts';
import type { Value } from './evaluate.ts';
import { decimal } from './render.ts';
import { readObject } from './scene.ts';

/** A random request, and its arguments again in the model's own values. */
export interface ModelRequest {
  readonly request: PolicyRequest;
  readonly input: ReadonlyMap<string, Argument>;
}

/** `value` is undefined where policy has no exact form for the argument. */
interface Argument {
  readonly json: string;
  readonly value: Value | undefined;
}

export function randomRequest(random: Random): ModelRequest {
  const cast = random.pick(castTools);
  const input = randomInput(cast, random);
  const hasManifest = random.chance(0.5);
  const untrusted = random.chance(0.5);
  const json = `{${[...input].map(([name, argument]) => `${JSON.stringify(name)}:${argument.json}`).join(',')}}`;
  const request: PolicyRequest = {
    agent: random.pick(castAgents),
    tool: random.chance(0.9) ? cast.tool : { ...cast.tool, status: { kind: 'quarantined', why: 'it changed' } },
    input: readObject(json),
    task: {
      kind: random.pick(['ambient', 'opened', 'invoices']),
      openerProof: random.pick(['operator', 'gateway', 'claimed']),
      hasManifest,
      inManifest: hasManifest && random.chance(0.5),
      hasPurpose: random.chance(0.5),
      asked: random.chance(0.5),
      related: random.chance(0.5),
      delegated: random.chance(0.5),
      depth: random.below(3),
      ceiling: random.below(4),
      segments: random.pick([[], ['files'], ['files', 'mail']]),
      crossesSegment: random.chance(0.3),
      principal: random.pick(['user:emma', 'user:noor', 'system:nightly']),
      ageSeconds: random.below(5),
      calls: random.pick([0, 1, 100, Number.MAX_SAFE_INTEGER]),
      spendCents: random.pick([0, 1, 100, Number.MAX_SAFE_INTEGER]),
      // Drawn from nothing, so that a seed goes on to make the requests that it made.
      costCents: input.size * 50,
    },
    flow: fakeFlow(untrusted ? ['untrusted'] : []),
    env: environmentAt(random.pick([Date.UTC(2030, 0, 1), Date.UTC(2029, 0, 1), 1_900_000_000_123])),
    risk: random.pick([noRisk, { score: 45, signals: ['burst', 'drift'] }, { score: 100, signals: ['probing'] }]),
  };
  return { request, input };
}

function randomInput({ fields }: CastTool, random: Random): Map<string, Argument> {
  const present = fields.filter(({ required }) => required || random.chance(0.6));
  return new Map(present.map(field => [field.name, argument(field, random)]));
}

const words = [
  '/etc/passwd',
  '/tmp/é*',
  'user:emma',
  '',
  'a"b\\c\n',
  'é',
  'e\u0301',
  '\u2028',
  '😀',
  '{"__entity":{}}',
];

function argument({ type }: Field, random: Random): Argument {
  switch (type) {
    case 'text': {
      if (random.chance(0.01)) return { json: JSON.stringify('é'.repeat(40_000)), value: undefined };
      const value = random.pick(words);
      return { json: JSON.stringify(value), value };
    }
    case 'truth': {
      const value = random.chance(0.5);
      return { json: String(value), value };
    }
    case 'whole': {
      const value = BigInt(random.pick([0, 1, -1, 7, 100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]));
      return { json: wholeText(value, random), value };
    }
    case 'fraction':
      return randomFraction(random);
    case 'texts': {
      if (random.chance(0.01)) return { json: JSON.stringify(Array(1_001).fill('x')), value: undefined };
      const value = Array.from({ length: random.below(4) }, () => random.pick(words));
      return { json: JSON.stringify(value), value: { set: value } };
    }
    case 'record': {
      const depth = BigInt(random.below(3));
      const mode = random.pick([undefined, null, 'ambient', 'x']);
      const fields = new Map<string, Value>([['depth', depth]]);
      if (typeof mode === 'string') fields.set('mode', mode);
      const member = mode === undefined ? '' : `,"mode":${JSON.stringify(mode)}`;
      return { json: `{"depth":${depth}${member}}`, value: { record: fields } };
    }
  }
}

/** The same number as people and programs write it. */
function wholeText(value: bigint, random: Random): string {
  if (random.chance(0.8) || value > 1000n || value < -1000n) return String(value);
  return random.pick([`${value}.0`, `${value}e0`, value === 0n ? '0E-2' : `${value}00E-2`]);
}

function randomFraction(random: Random): Argument {
  if (random.chance(0.05))
    return { json: random.pick(['0.12345', '1e-5', '9007199254740991', '1e15']), value: undefined };
  const value = BigInt(random.pick([0, 500_000, 12_345, -1, 99_999_999, 1_000_000]));
  const text = decimal(value);
  const json = random.pick([text, `${text}00`, `${text}e0`]);
  return { json, value: { decimal: value } };
}
