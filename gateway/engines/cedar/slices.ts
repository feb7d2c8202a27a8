import type { Cedar } from './instance.ts';
import type { Mentions } from './mentions.ts';
import { type LoadedPolicy, makeSlice, type Slice } from './policy.ts';

/** Pre-parsed policies in all slices together; each takes about 4 KB. Beyond, the whole set is asked: slower, the same answer. */
const slicedPoliciesMax = 10_000;

const wholeSet = 'all';
const everythingMentioned: Mentions = {
  context: { whole: true, asked: false, parts: new Map() },
  principal: { attributes: new Set(), groups: 'any' },
  resource: { attributes: new Set(), groups: 'any' },
  action: { attributes: new Set(), groups: 'any' },
  everything: true,
};

/** Every policy of the set as one slice, asked with every fact. */
export function wholeOf(policies: readonly LoadedPolicy[]): Slice {
  const { approvalMatters } = makeSlice(wholeSet, policies);
  return { name: wholeSet, policies, mentions: everythingMentioned, approvalMatters };
}

/** A policy with its number in the set. */
export interface Candidate {
  readonly policy: LoadedPolicy;
  readonly index: number;
}

/** The parts of a policy set that one instance of the engine has pre-parsed: they end with it. */
export class Slices {
  readonly #cedar: Cedar;
  readonly #whole: Slice;
  readonly #broken: () => void;
  /** By the numbers of its policies. */
  readonly #known = new Map<string, Slice>();
  #policies = 0;

  /** `broken`: the instance could not read a part of the set, and must not serve any more. */
  constructor(cedar: Cedar, whole: Slice, broken: () => void) {
    this.#cedar = cedar;
    this.#whole = whole;
    this.#broken = broken;
  }

  /** How many policies are pre-parsed, each as often as it stands in one. */
  get policies(): number {
    return this.#policies;
  }

  /** Throws if the engine could not read it. */
  of(applying: readonly Candidate[]): Slice {
    const key = applying.map(({ index }) => index).join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#policies + applying.length > slicedPoliciesMax) return this.whole();
    const slice = makeSlice(
      `s${this.#known.size}`,
      applying.map(({ policy }) => policy),
    );
    this.#preparse(
      slice.name,
      slice.policies.map(({ info, unscoped }) => [info.id, unscoped]),
    );
    this.#known.set(key, slice);
    this.#policies += applying.length;
    return slice;
  }

  /** The same for all of the set. */
  whole(): Slice {
    const whole = this.#whole;
    if (this.#known.has(whole.name)) return whole;
    this.#preparse(
      whole.name,
      whole.policies.map(({ info, text }) => [info.id, text]),
    );
    this.#known.set(whole.name, whole);
    return whole;
  }

  #preparse(name: string, policies: readonly (readonly [string, string])[]): void {
    try {
      const parsed = this.#cedar.preparsePolicySet(name, { staticPolicies: Object.fromEntries(policies) });
      if (parsed.type === 'success') return;
    } catch {
      // Told below, in words that do not depend on the engine.
    }
    this.#broken();
    throw new Error('the policy engine could not read a part of the policy set');
  }
}
