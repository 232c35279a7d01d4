import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Instance, run, safeguardCommand } from './instance.ts';

/** Commands, and what they must say. */
export interface Step {
  readonly commands: string;
  /** What follows `# →`; absent: they must not fail. */
  readonly expected: string | undefined;
}

/** The `sh` blocks of a page; a `# →` ends a step. */
export function stepsOf(page: string): Step[] {
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

/** What each step wrote, and how the whole ended. `env`: what the reader has besides. */
export async function follow(
  safeguard: Instance,
  steps: readonly Step[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ said: string[]; code: number; stderr: string }> {
  const place = await mkdtemp(join(tmpdir(), 'safeguard-docs-'));
  try {
    await symlink(safeguard.data, join(place, 'data'));
    await writeFile(join(place, 'page.sh'), scriptOf(steps, safeguard.url));
    const command = `cd '${place}' && exec bash page.sh`;
    const { code, stderr } = await run('bash', ['-c', command], { SAFEGUARD_DATA: safeguard.data, ...env });
    const said = steps.map((_, at) => readFile(join(place, `out.${at}`), 'utf8').catch(() => ''));
    return { said: await Promise.all(said), code, stderr };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** What a page says and its commands do not. */
export const told = (steps: readonly Step[], said: readonly string[]): string[] =>
  steps.flatMap(({ commands, expected }, at) =>
    expected === undefined || said[at]?.includes(expected) === true
      ? []
      : [`${commands.trim().split('\n').at(-1)} → ${said[at]}, not ${expected}`],
  );
