import { parseArgs } from 'node:util';
import { readBundle, verifyBundle } from './bundle.ts';
import { bundleText } from './words.ts';

/**
 * The verifier as a program by itself: `node bundle/main.ts FILE`. It needs this folder, Node 24, and nothing else.
 * Exit status 0: it holds; 1: it does not; 2: it was called wrongly, or the file cannot be read.
 */

const usage = 'node bundle/main.ts FILE [--key BASE64] [--earlier FILE] [--json]\n';

async function run(): Promise<number> {
  const options = { key: { type: 'string' }, earlier: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Error('one file is expected');
  const key = values.key === undefined ? undefined : Buffer.from(values.key, 'base64');
  if (key !== undefined && key.length !== 32) throw new Error('--key: expected the base64 of 32 bytes');
  const earlier = values.earlier === undefined ? undefined : await readBundle(values.earlier);
  const verdict = verifyBundle(await readBundle(path), { publicKey: key, earlier });
  process.stdout.write(values.json === true ? `${JSON.stringify(verdict)}\n` : bundleText(verdict));
  return verdict.ok ? 0 : 1;
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'it failed'}\n${usage}`);
  process.exitCode = 2;
}
