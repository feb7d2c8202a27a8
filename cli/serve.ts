import { expectSet } from '@sallyport/gateway/engines/cedar/examine-apart.ts';

// The policies are read in a process of their own: it starts while this one still loads what it is made of.
expectSet();
await import('./serving.ts');
