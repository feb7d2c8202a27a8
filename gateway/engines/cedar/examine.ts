import { isDeepStrictEqual } from 'node:util';
import type { DetailedError, PolicyJson, Schema } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import { readExpression, UnknownForm } from './expression.ts';
import { type Cedar, freshCedar } from './instance.ts';
import { readScope, UnknownScope } from './scope.ts';

/** Texts that nobody has read yet. They may be hostile to the engine itself. */
export interface Examined {
  readonly text: string;
  /** The same policy with the scope `(principal, action, resource)`. */
  readonly unscoped: string;
}

/** What the engine says about one policy. */
export interface Finding {
  /** Undefined if it does not parse. */
  readonly json: PolicyJson | undefined;
  readonly errors: readonly Remark[];
  readonly warnings: readonly Remark[];
}

/** In the engine's words. `offset` counts characters of the policy's text. */
export interface Remark {
  readonly message: string;
  readonly help: string | undefined;
  readonly offset: number;
}

/** Reads policies, each text once. Runs where a broken engine does no harm (`examine-child.ts`): the next one takes its place. */
export class Examiner {
  #cedar: Cedar;
  readonly #parsed = new Map<string, Finding>();

  constructor(first: Cedar = freshCedar()) {
    this.#cedar = first;
  }

  /** What can be said of each without a schema. */
  parse(policies: readonly Examined[]): readonly Finding[] {
    return policies.map(policy => {
      const key = JSON.stringify([policy.text, policy.unscoped]);
      const finding = this.#parsed.get(key) ?? this.#parse(policy);
      this.#parsed.set(key, finding);
      return finding;
    });
  }

  /** Parses each and validates the set strictly. */
  examine(policies: readonly Examined[], schema: CedarSchema): readonly Finding[] {
    const parsed = this.parse(policies);
    return validated(policies, parsed, schema, this.#cedar);
  }

  #parse(policy: Examined): Finding {
    try {
      return parsePolicy(policy, this.#cedar);
    } catch {
      this.#cedar = freshCedar();
      return failed('the policy engine itself fails on this policy; it may nest too deep');
    }
  }
}

export function parsePolicy({ text, unscoped }: Examined, cedar: Cedar): Finding {
  const answer = cedar.policyToJson(text);
  if (answer.type !== 'success') return { json: undefined, errors: answer.errors.map(remark(text)), warnings: [] };
  const { json } = answer;
  const general = cedar.policyToJson(unscoped);
  const any = { op: 'All' };
  // Slices ask the policy without its scope: the two must be one policy but for that.
  const same =
    general.type === 'success' &&
    isDeepStrictEqual(general.json, { ...json, principal: any, action: any, resource: any });
  if (!same) return failed('the scope of this policy has an unusual form');
  return unreadable(json) ?? { json, errors: [], warnings: [] };
}

/** What is too deep or unknown for us is kept from the validator, which runs last and on all policies at once. */
function unreadable(json: PolicyJson): Finding | undefined {
  try {
    readScope(json);
    for (const { body } of json.conditions) readExpression(body);
    return undefined;
  } catch (thrown) {
    const known = thrown instanceof UnknownForm || thrown instanceof UnknownScope;
    return failed(known ? thrown.message : 'the policy nests too deep');
  }
}

function validated(
  policies: readonly Examined[],
  parsed: readonly Finding[],
  schema: CedarSchema,
  cedar: Cedar,
): readonly Finding[] {
  const known = parsed.flatMap(({ json }, index) => (json === undefined ? [] : [index]));
  const staticPolicies = Object.fromEntries(known.map(index => [`p${index}`, policies[index]?.text ?? '']));
  const answer = cedar.validate({ schema: schema as unknown as Schema, policies: { staticPolicies } });
  if (answer.type !== 'success')
    return parsed.map(finding => ({ ...finding, errors: [...finding.errors, ...answer.errors.map(remark(''))] }));
  return parsed.map((finding, index) => {
    const own = ({ policyId }: { readonly policyId: string }): boolean => policyId === `p${index}`;
    const say = remark(policies[index]?.text ?? '');
    return {
      json: finding.json,
      errors: [...finding.errors, ...summed(answer.validationErrors.filter(own).map(({ error }) => say(error)))],
      warnings: summed(answer.validationWarnings.filter(own).map(({ error }) => say(error))),
    };
  });
}

function failed(message: string): Finding {
  return { json: undefined, errors: [{ message, help: undefined, offset: 0 }], warnings: [] };
}

const remarkCharsMax = 400;

function remark(text: string): (error: DetailedError) => Remark {
  return ({ message, help, sourceLocations }) => ({
    message: cut(message.replace(/^failed to parse policy (?:with id `p\d+` )?from string: /, '')),
    help: help === null ? undefined : cut(help),
    offset: characters(text, sourceLocations?.[0]?.start ?? 0),
  });
}

function cut(text: string): string {
  const own = text.replaceAll(/for policy `p\d+`, /g, '');
  return own.length <= remarkCharsMax ? own : `${own.slice(0, remarkCharsMax)}…`;
}

/** The validator goes through every tool that a policy can apply to and repeats itself for each: said once is enough. */
function summed(remarks: readonly Remark[]): Remark[] {
  const first = new Map<string, { remark: Remark; times: number }>();
  for (const own of remarks) {
    const key = `${own.offset} ${own.help ?? own.message.replace(/Action::"(?:\\.|[^"\\])*"/, 'Action')}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, { remark: own, times: 1 });
    else {
      known.times++;
      if (own.message < known.remark.message) known.remark = own;
    }
  }
  return [...first.values()].map(({ remark: own, times }) =>
    times === 1 ? own : { ...own, message: `${own.message} (and so for ${times - 1} more)` },
  );
}

/** The engine counts bytes of UTF-8. */
function characters(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length;
}
