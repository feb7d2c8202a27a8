import { useState } from 'preact/hooks';
import { get, wordsOf } from '../data/api.ts';
import { inUrl, short } from '../data/format.ts';
import { Foreign } from '../parts/text.tsx';

/** The task as one signed file, which `sallyport audit verify` accepts. */
export function ExportButton({ task }: { task: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      const { export: made } = await get<{ export: { text: string } }>(`tasks/${inUrl(task)}/export`);
      download(`${short(task)}.task.proof`, made.text);
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void save()}>
        Export
      </button>
      {problem !== '' && (
        <p class="problem" role="alert">
          <Foreign text={problem} max={300} />
        </p>
      )}
    </>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
