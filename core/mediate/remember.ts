import type { OutcomeId } from '../model/ids.ts';
import type { JsonNode } from '../model/json.ts';
import { type LabelSource, labelsIn } from '../model/label.ts';
import type { Said } from '../provenance/memories.ts';
import type { Judged } from './decided.ts';
import type { LinePorts } from './ports.ts';

/** Where values of later calls come from; what cannot be remembered comes from nowhere. */
export function remember(
  judged: Judged,
  entry: OutcomeId,
  said: JsonNode,
  ports: LinePorts,
  about: Said = { chars: 1_000, ...broughtBy(judged.held) },
): void {
  ports.flow.read(judged.task.id, judged, entry, said, about);
}

/** Whoever wrote there may have been led by somebody else's words, and may have written what they had read. */
export function broughtBy(inherited: readonly LabelSource[]): Required<Pick<Said, 'tainted' | 'inherited'>> {
  if (inherited.length === 0) return nobodysWriting;
  const labels = labelsIn(inherited);
  const tainted = labels.some(label => label === 'untrusted' || label === 'org');
  return { tainted, inherited: labels };
}

const nobodysWriting: Required<Pick<Said, 'tainted' | 'inherited'>> = { tainted: false, inherited: [] };
