import type { Terminal } from '../terminal.ts';

export interface LiveLine {
  readonly say: (text: string) => void;
  /** Takes the line away. */
  readonly stop: () => void;
}

/** One line on standard error that shows something is alive, with the seconds it took so far. Nothing without a terminal. */
export function liveLine(terminal: Terminal, text: string): LiveLine {
  if (!terminal.isLive) return { say: () => {}, stop: () => {} };
  const started = Date.now();
  let now = text;
  const draw = (): void => terminal.err(`\r\u001b[K${now} … ${Math.floor((Date.now() - started) / 1_000)} s`);
  draw();
  const timer = setInterval(draw, 1_000);
  return {
    say: next => {
      now = next;
      draw();
    },
    stop: () => {
      clearInterval(timer);
      terminal.err('\r\u001b[K');
    },
  };
}
