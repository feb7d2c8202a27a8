import { useState } from 'preact/hooks';
import { Foreign } from './text.tsx';

/** The same from a terminal. Every view has one. */
export function Twin({ line }: { line: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(line);
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    } catch {
      // Without a clipboard the line can still be selected.
    }
  };
  return (
    <div class="twin">
      <code>
        <Foreign text={line} max={600} />
      </code>
      <button type="button" class="link" onClick={() => void copy()}>
        {copied ? 'copied' : 'copy'}
      </button>
    </div>
  );
}

/** A text as one word for a shell. What is not plainly printable is written by its code, so that pasting runs nothing. */
export function quoted(text: string): string {
  if (/[^ -~]/.test(text))
    return `$'${[...text.toWellFormed()].map(char => (/[ -&(-[\]-~]/.test(char) ? char : coded(char))).join('')}'`;
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function coded(char: string): string {
  return `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}
