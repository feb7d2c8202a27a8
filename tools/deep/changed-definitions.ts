import { meet } from '@sallyport/core/catalogue/pins.ts';
import { readTools } from '@sallyport/core/catalogue/read.ts';
import { emptyObject, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { sha256 } from '@sallyport/gateway/replay/ledger.ts';

/** A tool that was pinned with one description and comes back with another: whether it is held until somebody looks. */
export function isHeldWhenChanged({ from, to }: { readonly from: string; readonly to: string }): boolean {
  const sighting = (description: string) => {
    const parsed = parseJson(
      JSON.stringify({ name: 'tool', description, inputSchema: { type: 'object' } }),
      resultJsonLimits,
    );
    if (!parsed.ok) throw new Error('a description is no text');
    return { items: readTools([parsed.node], sha256).items, capabilities: emptyObject, whole: true };
  };
  const { pins } = meet(undefined, sighting(from), 0);
  const [record] = meet(pins, sighting(to), 1).pins.records.values();
  return record === undefined || record.candidate !== undefined;
}
