import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsReference } from '@safeguard/config';
import { top } from './tree.ts';

/** Writes the pages of docs/ that are made from the code. */
writeFileSync(join(top, 'docs', 'settings.md'), settingsReference());
