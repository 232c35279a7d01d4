import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsReference } from '@safeguard/config';
import { apiDocument } from './document.ts';
import { top } from './tree.ts';

/** Writes the pages of docs/ that are made from the code. */
writeFileSync(join(top, 'docs', 'settings.md'), settingsReference());
mkdirSync(join(top, 'docs', 'api'), { recursive: true });
writeFileSync(join(top, 'docs', 'api', 'openapi.json'), apiDocument());
