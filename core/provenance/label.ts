import type { Label } from '../model/label.ts';
import type { Tool } from '../model/tool.ts';

/** What content is marked with for which nobody vouches. */
export const worstLabels: readonly Label[] = ['untrusted'];

/** What a tool's results, errors and progress are marked with: untrusted, unless the catalogue vouches. */
export function labelsOf(tool: Tool): readonly Label[] {
  return tool.trustedResult ? [] : worstLabels;
}
