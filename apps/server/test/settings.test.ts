import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settingsReference } from '@safeguard/config';

test('docs/settings.md is what the schema says; `npm run docs` writes it', () => {
  const written = readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8');
  assert.equal(written, settingsReference());
});
