import { constants, setPriority } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { type SnapshotOrder, snapshotSettled } from '../../journal/settled-snapshot.ts';
import { foldFrom } from './folded.ts';
import { foldingCode } from './folding-code.ts';

try {
  // Whoever takes calls goes first.
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Where the machine does not let a process step back (the system service's filter), it takes its share.
}

process.once('message', async (order: SnapshotOrder) => {
  // The sources may have been replaced since the gateway read its own: what others fold is not what it signs for.
  if (foldingCode() === order.foldedBy) await snapshotSettled(order, foldFrom, isWanted);
  process.disconnect();
});

/** The gateway that ordered it has not ended: another one might have begun. */
async function isWanted(): Promise<boolean> {
  await setImmediate();
  return process.connected;
}

process.once('disconnect', () => process.exit());
