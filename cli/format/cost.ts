import { type Price, priceText } from '@sallyport/core/model/price.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import type { Paint } from './paint.ts';

/** What the step costs later; nothing where it costs nothing. */
export function costLines(facts: FactsView | undefined, paint: Paint): string[] {
  const text = priceText((facts?.flow.cost ?? []) as Price);
  return text === undefined ? [] : [`  ${paint.warn(text)}, if it returns what its labels say`];
}
