import { fault } from '@safeguard/kernel';
import { bundleText, readBundle, verifyBundle } from '@safeguard/verifier';
import { type Command, shared } from '../command.ts';

/** Fault `missing` in words for who typed the name. */
export async function bundleAt(path: string): Promise<Buffer> {
  try {
    return await readBundle(path);
  } catch (cause) {
    const { code = 'it is too large' } = cause as { readonly code?: string };
    throw fault('missing', `the bundle cannot be read (${code})`, { cause });
  }
}

function keyOf(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) throw fault('invalid', '--key: expected the base64 of 32 bytes');
  return key;
}

export const verifyBundleCommand: Command = {
  name: 'verify-bundle',
  summary: 'verifies an evidence bundle with nothing but its bytes: no instance, no database',
  usage: 'FILE [options]',
  positionals: { least: 1, most: 1 },
  text:
    'The same program runs by itself from a copy of packages/verifier: node bundle/main.ts FILE.\n' +
    'Exit status 1 and the first thing that is wrong when the bundle is not what was signed.',
  options: {
    key: { type: 'string', value: 'BASE64', text: 'the public key that it must be signed with' },
    earlier: { type: 'string', value: 'FILE', text: 'a bundle that you got before: nothing in it was rewritten' },
    json: shared.json,
  },
  examples: ['safeguard verify-bundle evidence.zip --key J9K6Tl…=', 'safeguard verify-bundle q2.zip --earlier q1.zip'],
  async run(input, terminal) {
    const [path = ''] = input.positionals;
    const earlier = input.text('earlier');
    const verdict = verifyBundle(await bundleAt(path), {
      publicKey: keyOf(input.text('key')),
      earlier: earlier === undefined ? undefined : await bundleAt(earlier),
    });
    terminal.out(input.flag('json') ? `${JSON.stringify(verdict)}\n` : bundleText(verdict));
    return verdict.ok ? 0 : 1;
  },
};
