/** For what is done once it is clear what becomes of a call: nothing that goes wrong with it changes that. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // What was set aside stays so, or a line is missing in the record: a task may use less than it could, and never more.
  }
}
