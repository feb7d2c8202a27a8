import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { type Deciding, decidingValues } from '@sallyport/core/provenance/deciding.ts';

/** Decisions of which it is remembered: more questions than people look through at once. */
const rememberedMax = 512;

/**
 * Which values a decision hung on, found once for each decision and world: it takes up to 19 evaluations, and open questions are
 * shown again and again. Held are places in the list of ways, no value of anybody's, so nothing outlives the bodies that it is about.
 */
export class DecidingOf {
  readonly #held = new Map<string, Places>();

  of({ id, reasons }: Pick<Decided, 'id' | 'reasons'>, request: PolicyRequest, world: World): Deciding {
    const { ways } = request.flow;
    const key = `${id} ${world.digest}`;
    const held = this.#held.get(key);
    if (held !== undefined) return { ...held, ways: at(held.ways, ways), tried: at(held.tried, ways) };
    const found = decidingValues(request, reasons, world.engine);
    const placesOf = (some: Deciding['ways']): readonly number[] => some.map(way => ways.indexOf(way));
    this.#held.set(key, { ways: placesOf(found.ways), tried: placesOf(found.tried), rules: found.rules });
    const [oldest] = this.#held.keys();
    if (this.#held.size > rememberedMax && oldest !== undefined) this.#held.delete(oldest);
    return found;
  }
}

interface Places {
  readonly ways: readonly number[];
  readonly tried: readonly number[];
  readonly rules: Deciding['rules'];
}

function at(places: readonly number[], ways: Deciding['ways']): Deciding['ways'] {
  return places.flatMap(place => ways[place] ?? []);
}
