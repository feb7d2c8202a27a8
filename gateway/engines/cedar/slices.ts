import type { Cedar } from './instance.ts';
import type { Mentions } from './mentions.ts';
import { type LoadedPolicy, makeSlice, type Slice } from './policy.ts';

/** Pre-parsed policies in all slices together; each takes about 4 KB. Beyond, the whole set is asked: slower, the same answer. */
const slicedPoliciesMax = 10_000;
/** The same in parts of slices. Beyond, the slice is asked. */
const partPoliciesMax = 1_000;
/** To read a policy takes as long as to ask five: what comes up less often is not worth a set of its own. */
export const partWantedMin = 8;
/** How many parts are counted that have not come up so often. */
const wantedMax = 1_000;

const wholeSet = 'all';
const everythingMentioned: Mentions = {
  context: { whole: true, asked: false, parts: new Map() },
  principal: { attributes: new Set(), groups: 'any' },
  resource: { attributes: new Set(), groups: 'any' },
  action: { attributes: new Set(), groups: 'any' },
  everything: true,
};

/** The parts of a policy set that one instance of the engine has pre-parsed: they end with it. */
export class Slices {
  readonly #cedar: Cedar;
  readonly #whole: Slice;
  readonly #broken: () => void;
  readonly #partWantedMin: number;
  readonly #numbers: ReadonlyMap<LoadedPolicy, number>;
  /** By the numbers of its policies. */
  readonly #known = new Map<string, Slice>();
  readonly #wanted = new Map<string, number>();
  #policies = 0;
  #partPolicies = 0;

  /** `broken`: the instance could not read a part of the set, and must not serve any more. */
  constructor(cedar: Cedar, policies: readonly LoadedPolicy[], broken: () => void, wantedMin = partWantedMin) {
    this.#cedar = cedar;
    // Every policy of the set as one slice, asked with every fact.
    this.#whole = { ...makeSlice(wholeSet, policies), mentions: everythingMentioned, isResolved: false };
    this.#broken = broken;
    this.#partWantedMin = wantedMin;
    this.#numbers = new Map(policies.map((policy, index) => [policy, index]));
  }

  /** How many policies are pre-parsed, each as often as it stands in one. */
  get policies(): number {
    return this.#policies;
  }

  /** The slice of policies whose scopes are known to match. Throws if the engine could not read it. */
  of(applying: readonly LoadedPolicy[]): Slice {
    const key = this.#keyOf(applying);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#policies + applying.length > slicedPoliciesMax) return this.whole();
    this.#policies += applying.length;
    return this.#read(key, applying);
  }

  /**
   * The same for some of a slice's policies, once they have come up together so often that it pays; until then, and where there are
   * too many, undefined.
   */
  part(policies: readonly LoadedPolicy[]): Slice | undefined {
    const key = this.#keyOf(policies);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const wanted = (this.#wanted.get(key) ?? 0) + 1;
    if (wanted < this.#partWantedMin || this.#partPolicies + policies.length > partPoliciesMax) {
      if (this.#wanted.size >= wantedMax) this.#wanted.clear();
      this.#wanted.set(key, wanted);
      return undefined;
    }
    this.#wanted.delete(key);
    this.#partPolicies += policies.length;
    return this.#read(key, policies);
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

  #keyOf(policies: readonly LoadedPolicy[]): string {
    return policies.map(policy => this.#numbers.get(policy)).join();
  }

  #read(key: string, policies: readonly LoadedPolicy[]): Slice {
    const slice = makeSlice(`s${this.#known.size}`, policies);
    this.#preparse(
      slice.name,
      policies.map(({ info, unscoped }) => [info.id, unscoped]),
    );
    this.#known.set(key, slice);
    return slice;
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
