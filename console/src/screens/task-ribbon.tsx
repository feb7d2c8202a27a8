import type { Entry } from '@sallyport/core/model/entry.ts';
import { byEntry, type LabelSource } from '@sallyport/core/model/label.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { clock } from '../data/format.ts';
import { gatewayNow } from '../data/status.ts';
import { LabelMark, ToolName, WhyLink } from '../parts/marks.tsx';

/** What makes a task one to be careful with; that nobody labelled something is said below. */
function weighs({ label }: LabelSource): boolean {
  return label === 'untrusted' || label === 'confidential' || label === 'secret';
}

/** From opening to end: when each label came, and each decision as a tick. A label never goes away again. */
export function Ribbon({ task, entries }: { task: TaskView; entries: readonly Entry[] }) {
  const decided = entries.filter(entry => entry.kind === 'decided');
  const from = task.openedAt;
  const end = task.ended?.at ?? gatewayNow();
  // The last call rather than the clock: an idle hour must not squeeze what happened into a line.
  const to = Math.max(from + 1_000, Math.min(end, (entries.at(-1)?.at ?? from) + 1_000));
  const x = (at: number): number => 1000 * Math.max(0, Math.min(1, (at - from) / (to - from)));
  return (
    <figure class="ribbon">
      <svg
        viewBox="0 0 1000 40"
        preserveAspectRatio="none"
        role="img"
        aria-label="Decisions and labels over the life of the task"
      >
        <rect class="ribbon-clean" x="0" y="22" width="1000" height="10" />
        {task.labels.filter(weighs).map(({ label, at }) => (
          <rect key={label} class="ribbon-label" x={x(at)} y="22" width={1000 - x(at)} height="10" />
        ))}
        {decided.map(({ id, at, answer }) => (
          <rect
            key={id}
            class={`bar bar-${answer}`}
            x={x(at)}
            y={answer === 'permit' ? 12 : 4}
            width="2.5"
            height={answer === 'permit' ? 18 : 28}
          />
        ))}
      </svg>
      <figcaption>
        <span>{clock(from)}</span>
        <span>
          {task.labels.length === 0
            ? 'has read nothing'
            : byEntry(task.labels).map(({ labels, at, server, tool, entry }) => (
                <span key={entry}>
                  {labels.map(label => (
                    <LabelMark key={label} label={label} />
                  ))}{' '}
                  since {clock(at)}, from <ToolName tool={`${server}/${tool}`} /> <WhyLink id={entry}>see it</WhyLink>
                </span>
              ))}
        </span>
        <span>{clock(to)}</span>
      </figcaption>
    </figure>
  );
}
