import { closeSync, openSync, writeSync } from 'node:fs';
import { decided, openTestJournal, performed } from './calls.ts';

/**
 * A process that writes a journal until it is killed: `kill-writer.ts DIR IN-FLIGHT [no-sync]`. Prints the id of each
 * decision once it is acknowledged, in one system call, so that what was printed was acknowledged and nothing is lost in
 * a buffer. With `no-sync` its disk lies: the negative control of a power cut.
 */
const [dir = '', inFlight = '16', sync] = process.argv.slice(2);

const opened = await openTestJournal(dir, {
  now: Date.now,
  limits: { checkpointMillisMax: 100 },
  ...(sync === 'no-sync' ? { openFile: openLyingFile } : {}),
});

function openLyingFile(path: string, start?: number) {
  const fd = openSync(path, start === undefined ? 'a' : 'r+');
  let at = start ?? null;
  return {
    append: async (parts: readonly Uint8Array[]) => {
      for (const part of parts) {
        writeSync(fd, part, 0, part.length, at);
        if (at !== null) at += part.length;
      }
    },
    close: () => closeSync(fd),
  };
}

async function call(caller: number): Promise<void> {
  for (let count = 0; ; count++) {
    const decision = decided(`t_${caller}`);
    await opened.journal.record(decision, { arguments: `{"caller":${caller},"count":${count}}` });
    writeSync(1, `${decision.id}\n`);
    opened.journal.append(performed(decision), { result: `"${'r'.repeat((count * 37) % 3_000)}"` });
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, (_, caller) => call(caller)));
