import { nameSourceLines } from './source-lines.ts';

/** The gateway's own process where it runs from a bundle (`gateway-script.ts`); otherwise it is `serve.ts` itself. */
nameSourceLines();
await import('../serve.ts');
