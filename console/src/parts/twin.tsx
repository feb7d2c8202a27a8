import { useState } from 'preact/hooks';

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
      <code>{line}</code>
      <button type="button" class="link" onClick={() => void copy()}>
        {copied ? 'copied' : 'copy'}
      </button>
    </div>
  );
}

/** A text as one word for a shell. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
