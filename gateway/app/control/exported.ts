import type { Done, TaskExportView } from '../../api/control.ts';
import { ReceiptError } from '../../receipt/receipt-error.ts';

/** A task as one signed file, for the control API. The code that makes it is loaded when somebody wants one. */
export async function exported(stateDir: string, id: string): Promise<Done<TaskExportView>> {
  const { exportTask } = await import('../../receipt/task-export.ts');
  try {
    return { ok: true, value: await exportTask(stateDir, id) };
  } catch (thrown) {
    if (!(thrown instanceof ReceiptError)) throw thrown;
    const code = thrown.code === 'not-found' || thrown.code === 'ambiguous' ? thrown.code : 'unavailable';
    const { message, fix } = thrown;
    return { ok: false, error: { code, field: 'id', message, ...(fix === undefined ? {} : { fix }) } };
  }
}
