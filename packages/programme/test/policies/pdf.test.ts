import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { extractText, getDocumentProxy } from 'unpdf';
import { gitCommits } from '../../policies/git.ts';
import { policyPdf } from '../../policies/pdf/pdf.ts';
import type { PolicyVersion } from '../../policies/types.ts';
import { start } from '../workflow/world.ts';
import { contentOf, front } from './world.ts';

const long = Array.from({ length: 60 }, (_, index) => `| row ${index} | what is done, at some length, each time |`);
const text = `${front('Everything', { inherited: '{default: locked}' })}
# Everything

An **important** word, an *emphasized* one, some \`code\`, and a [link](https://x.example/a).

## First things

1. One
2. Two
   - inner **bold**
   - another

> Quoted words.

| Thing | What is done |
| --- | --- |
${long.join('\n')}

### Details

\`\`\`
verbatim  text
\`\`\`

## Last things

Zoë asks for ≤ {{sessions.idle_minutes}} minutes → done. ${'Words that fill the page. '.repeat(150)}
`;

const version = (more: Partial<PolicyVersion> = {}): PolicyVersion => {
  const content = contentOf({ everything: text }).policies.get('everything') ?? assert.fail();
  return {
    ...{ id: 'x', tenant: 1, policy: 'everything', number: 3, title: 'Everything', state: 'published', content },
    ...{
      digest: 'd'.repeat(64),
      parameters: { 'sessions.idle_minutes': 15 },
      units: { 'sessions.idle_minutes': 'minutes' },
    },
    ...{ drifted: [], source: { kind: 'draft' }, made_by: 'service', made_at: start, approved_by: ['ann', 'ben'] },
    ...{ published_at: start, review_due_at: start + 1 },
    ...more,
  };
};

test('a policy as PDF: tagged, titled, numbered, with all of its text and its approval', async () => {
  const bytes = await policyPdf(version(), 'Example Clinic');
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const { totalPages, text: pages } = await extractText(pdf, { mergePages: false });
  const all = pages.join('\n').replaceAll(/\s+/g, ' ');
  assert.ok(totalPages >= 3, `${totalPages}`);
  for (const wanted of [
    'Example Clinic. Policy everything, version 3. In force.',
    'Effective: 2026-11-24.',
    'by ann, ben',
    `SHA-256 of its text: ${'d'.repeat(64)}`,
    'An important word, an emphasized one, some code, and a link.',
    'inner bold',
    'Quoted words.',
    'row 59',
    'verbatim text',
    'Zoë asks for <= 15 minutes -> done.',
  ]) {
    assert.ok(all.includes(wanted), wanted);
  }
  pages.forEach((page, index) => {
    assert.ok(page.includes(`Everything, version 3 – page ${index + 1} of ${totalPages}`), `page ${index + 1}`);
  });
  const tables = pages.filter((page) => /row \d+/.test(page));
  assert.ok(tables.length > 1 && tables.every((page) => page.includes('What is done')), 'headings on each page');
  const { info } = await pdf.getMetadata();
  assert.equal((info as { Title?: string }).Title, 'Everything');
  const mark = (await pdf.getMarkInfo()) as { Marked?: boolean } | null;
  assert.equal(mark?.Marked, true);
  const tree = JSON.stringify(await (await pdf.getPage(1)).getStructTree());
  for (const role of ['H1', 'H2', 'P', 'L', 'LI', 'LBody', 'Table', 'TR', 'TH', 'TD']) {
    assert.ok(tree.includes(`"role":"${role}"`), role);
  }
});

test('one that is not in force says so on every page', async () => {
  const { published_at, review_due_at, ...bare } = version({ state: 'draft' });
  assert.ok(published_at !== undefined && review_due_at !== undefined);
  const { text: pages } = await extractText(await getDocumentProxy(new Uint8Array(await policyPdf(bare, 'C'))), {
    mergePages: false,
  });
  assert.match(pages[0] ?? '', /DRAFT: not approved/);
  assert.ok(pages.every((page) => page.includes('(draft)')));
});

test('the commit of a file, as far as git can tell', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'safeguard-git-'));
  try {
    const program = join(folder, 'program');
    mkdirSync(join(program, 'policies'), { recursive: true });
    const file = join(program, 'policies', 'a.md');
    writeFileSync(file, 'one\n');
    const commitOf = gitCommits(program);
    assert.equal(await commitOf('policies/a.md'), undefined, 'no repository');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@x.example', ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'One');
    const commit = git('rev-parse', 'HEAD').trim();
    assert.equal(await commitOf('policies/a.md'), commit);
    assert.equal(await commitOf('policies/b.md'), undefined, 'not in it');
    writeFileSync(file, 'two\n');
    assert.equal(await commitOf('policies/a.md'), undefined, 'edited since');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
