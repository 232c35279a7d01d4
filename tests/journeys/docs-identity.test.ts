/** Runs the shell examples of docs/identity, a page from top to bottom, against a fresh instance. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Instance, removeData, run, safeguardCommand, start } from '../harness/instance.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs', 'identity');

/** Commands, and what they must say. */
interface Step {
  readonly commands: string;
  /** What follows `# →`; absent: they must not fail. */
  readonly expected: string | undefined;
}

/** The `sh` blocks of a page; a `# →` ends a step. */
function stepsOf(page: string): Step[] {
  const lines = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => [...block.split('\n'), '']);
  const steps: Step[] = [];
  const commands: string[] = [];
  for (const line of lines) {
    const expected = /^# → (.+)$/.exec(line)?.[1];
    if (expected === undefined) commands.push(line);
    else steps.push({ commands: commands.splice(0).join('\n'), expected });
  }
  return commands.join('').trim() === '' ? steps : [...steps, { commands: commands.join('\n'), expected: undefined }];
}

/** One shell for a page, as a reader has one; the output of each step in a file of its own. */
const scriptOf = (steps: readonly Step[], url: string): string =>
  [
    'set -euo pipefail',
    `PATH='${dirname(process.execPath)}':$PATH`,
    `npx() { shift; ${safeguardCommand} "$@"; }`,
    ...steps.map(({ commands }, at) => `{\n${commands.replaceAll('https://localhost:8443', url)}\n} > out.${at}`),
  ].join('\n');

let safeguard: Instance;
before(async () => {
  safeguard = await start();
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

/** What each step wrote, and how the whole ended. */
async function follow(steps: readonly Step[]): Promise<{ said: string[]; code: number; stderr: string }> {
  const place = await mkdtemp(join(tmpdir(), 'safeguard-docs-'));
  try {
    await symlink(safeguard.data, join(place, 'data'));
    await writeFile(join(place, 'page.sh'), scriptOf(steps, safeguard.url));
    const command = `cd '${place}' && exec bash page.sh`;
    const { code, stderr } = await run('bash', ['-c', command], { SAFEGUARD_DATA: safeguard.data });
    const said = steps.map((_, at) => readFile(join(place, `out.${at}`), 'utf8').catch(() => ''));
    return { said: await Promise.all(said), code, stderr };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

const told = (steps: readonly Step[], said: readonly string[]): string[] =>
  steps.flatMap(({ commands, expected }, at) =>
    expected === undefined || said[at]?.includes(expected) === true
      ? []
      : [`${commands.trim().split('\n').at(-1)} → ${said[at]}, not ${expected}`],
  );

for (const [name, least] of [
  ['apps.md', 12],
  ['smart.md', 5],
  ['administration.md', 5],
] as const) {
  describe(`docs/identity/${name}`, () => {
    test('its examples do what they say', async () => {
      const steps = stepsOf(readFileSync(join(docs, name), 'utf8'));
      assert.ok(steps.length >= least, `${steps.length} examples`);
      const { said, code, stderr } = await follow(steps);
      assert.deepEqual(told(steps, said), [], stderr);
      assert.equal(code, 0, stderr);
    });
  });
}

test('an example that is wrong, or fails, is found', async () => {
  const wrong = stepsOf('```sh\necho one\n# → two\nfalse\n```\n');
  const { said, code } = await follow(wrong);
  assert.equal(told(wrong, said).length, 1);
  assert.notEqual(code, 0);
});
