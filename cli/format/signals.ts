import type { Signal } from '@sallyport/core/model/risk.ts';
import { safeLine } from './safe.ts';

/** What was unusual, a line each. */
export function signalLines({ signals }: { readonly signals: readonly Pick<Signal, 'name' | 'text'>[] }): string[] {
  return signals.map(({ name, text: said }) => `  ${name}: ${safeLine(said)}`);
}
