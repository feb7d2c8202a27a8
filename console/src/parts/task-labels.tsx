import { byEntry } from '@sallyport/core/model/label.ts';
import type { WhyView } from '@sallyport/gateway/api/view/decision.ts';
import { clock } from '../data/format.ts';
import { LabelMark, ToolName, WhyLink } from './marks.tsx';

/** What a task has read that marks it: each label with the entry that first brought it. */
export function TaskLabels({ labels, title }: { labels: WhyView['labels']; title: string }) {
  return (
    <section>
      <h3>{title}</h3>
      {labels.length === 0 ? (
        <p class="quiet">Nothing yet.</p>
      ) : (
        <ul class="plain">
          {byEntry(labels).map(({ labels: brought, server, tool, at, entry }) => (
            <li key={entry}>
              {brought.map(label => (
                <LabelMark key={label} label={label} />
              ))}{' '}
              since {clock(at)}, from <ToolName tool={`${server}/${tool}`} /> <WhyLink id={entry}>see it</WhyLink>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
