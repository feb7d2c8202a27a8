import { type Price, priceText } from '@sallyport/core/model/price.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';

/** What the step makes unreachable for the rest of its task; nothing where it costs nothing. */
export function Cost({ facts }: { facts: FactsView | undefined }) {
  const text = priceText((facts?.flow.cost ?? []) as Price);
  return text === undefined ? null : <p class="quiet">If it returns what its labels say: {text}.</p>;
}
