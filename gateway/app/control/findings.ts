import type { Finding } from '@sallyport/core/behaviour/finding.ts';
import type { FindingView } from '../../api/view/finding.ts';

/** The newest first. */
export function findingViews(findings: Iterable<Finding>, task: string | undefined): FindingView[] {
  return [...findings]
    .filter(finding => task === undefined || finding.task === task)
    .reverse()
    .map(finding => ({ ...finding, signals: [...finding.signals].map(([name, text]) => ({ name, text })) }));
}
