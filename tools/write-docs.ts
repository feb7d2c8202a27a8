import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientsPage } from 'sallyport/clients/page.ts';
import { allCommands } from 'sallyport/commands.ts';
import { cliReference } from 'sallyport/reference.ts';
import { coveragePage } from './threat-coverage.ts';

/** `npm run docs`: the parts of the reference that the program itself knows best. */
writeFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'cli.md'), cliReference(await allCommands()));
writeFileSync(join(import.meta.dirname, '..', 'docs', 'explanation', 'threat-coverage.md'), coveragePage());
writeFileSync(join(import.meta.dirname, '..', 'docs', 'how-to', 'clients.md'), clientsPage());
