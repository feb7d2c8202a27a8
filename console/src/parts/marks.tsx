import type { Entry } from '@sallyport/core/model/entry.ts';
import type { ComponentChildren } from 'preact';
import { short } from '../data/format.ts';
import { askedWord } from './approval-state.ts';
import { Foreign } from './text.tsx';

export type Answer = 'permit' | 'deny' | 'ask' | 'rejected';

const words: Readonly<Record<Answer, string>> = {
  permit: 'permitted',
  deny: 'denied',
  ask: 'asked',
  rejected: 'turned away',
};

/** Each answer has a shape of its own: colour only repeats it. */
const shapes: Readonly<Record<Answer, ComponentChildren>> = {
  permit: <path d="M3.2 8.4 6.6 11.8 12.8 4.6" />,
  deny: <path d="M4 4l8 8M12 4l-8 8" />,
  ask: <path d="M5.4 6.1a2.7 2.7 0 1 1 3.9 2.4c-.9.5-1.3 1-1.3 1.9M8 13v.1" />,
  rejected: <path d="M3 8h10" />,
};

export function AnswerMark({ answer, word = false }: { answer: Answer; word?: boolean }) {
  return (
    <span class={`answer answer-${answer}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[answer]}
      </svg>
      <span class={word ? '' : 'unsaid'}>{words[answer]}</span>
    </span>
  );
}

/** What became of it, in a word; `…` while it runs. */
export function didWord(outcome: Entry | undefined): string {
  switch (outcome?.kind) {
    case 'performed':
      return outcome.outcome === 'ok' ? 'performed' : 'performed, with an error';
    case 'reported':
      return outcome.outcome === 'ok' ? 'done, says the client' : 'failed, says the client';
    case 'refused':
      return outcome.code === 'needs-approval' ? askedWord(outcome.decision) : 'refused';
    case 'withheld':
      return 'answer withheld';
    case 'faulted':
      return `failed: ${outcome.code}`;
    case 'indeterminate':
      return 'effect unknown';
    default:
      return '…';
  }
}

export function ToolName({ tool }: { tool: string }) {
  const slash = tool.indexOf('/');
  return (
    <span class="tool">
      {slash > 0 && (
        <span class="tool-server">
          <Foreign text={tool.slice(0, slash)} max={40} />
          <span class="tool-slash">/</span>
        </span>
      )}
      <span class="tool-name">
        <Foreign text={tool.slice(slash + 1)} max={140} />
      </span>
    </span>
  );
}

export function LabelMark({ label }: { label: string }) {
  return (
    <span class={`label label-${label.replace(/[^a-z-]/g, '')}`}>
      <Foreign text={label} max={40} />
    </span>
  );
}

export function TaskLink({ id }: { id: string }) {
  return (
    <a class="id" href={`/tasks/${id}`}>
      {short(id)}
    </a>
  );
}

export function WhyLink({ id, children }: { id: string; children?: ComponentChildren }) {
  return (
    <a class="id" href={`/why/${id}`}>
      {children ?? short(id)}
    </a>
  );
}

export function ModeMark({ mode }: { mode: string }) {
  return mode === 'enforce' ? null : <span class="tag tag-mode">{mode} only</span>;
}

/** Classes of tools whose mistakes cannot be taken back: nothing there happens at one key. */
const grave: ReadonlySet<string> = new Set(['money', 'destructive', 'admin', 'code']);

export function isGrave(classes: readonly string[] | undefined): boolean {
  return classes === undefined || classes.some(name => grave.has(name));
}

export function Classes({ classes }: { classes: readonly string[] | undefined }) {
  return (
    <>
      {classes?.map(name => (
        <span key={name} class={`tag${grave.has(name) ? ' tag-grave' : ''}`}>
          {name}
        </span>
      ))}
    </>
  );
}
