import type { Label } from '../model/label.ts';
import type { Tool } from '../model/tool.ts';

/** What a tool's results, errors, progress and log messages are marked with: untrusted, unless the catalogue vouches. */
export function labelsOf(tool: Tool): readonly Label[] {
  return tool.trustedResult ? [] : ['untrusted'];
}
