// @ts-check
// Plain JavaScript: the gateway's first script reads it, before there is anything that compiles.

/** Flags for the process that holds the gateway: a young generation that is filled by some 200 calls. */
export const gatewayNodeFlags = ['--max-semi-space-size=16'];

/**
 * Flags that the process gives itself (`v8.setFlagsFromString`) when it has Node's own modules and none of ours yet: one that
 * is started with them compiles Node's anew, because what Node brings compiled was compiled without. They keep its
 * memory near what it holds: an old generation that is collected when it has grown by a part rather than many times, and no
 * middle compiler, whose work on a few large functions stays with the process. Nothing is put into the old generation because
 * what was made at the same place lived long once: what a call makes does not outlive it. A bound on the old
 * generation would cost most of the throughput (docs/reference/performance.md).
 */
export const gatewayOwnFlags = ['--heap-growing-percent=30', '--no-maglev', '--no-allocation-site-pretenuring'];

/**
 * A flag that it gives itself once it is ready: what is called often is compiled after a third of the calls that V8 would wait
 * for, which counts on a middle compiler meanwhile. During a start that would take the processor from those it waits for.
 */
export const gatewayServingFlags = ['--invocation-count-for-turbofan=1000'];

/**
 * What the GNU C library's allocator is told by way of the environment (mallopt(3)): one pool for all threads, so that
 * what one has given back serves another; and pieces from 32 KiB on by themselves, so that what the engine's compilers
 * took goes back to the system when they are done. Other libraries know none of this.
 */
export const gatewayEnvironment = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '32768',
};
