import type { BundleVerdict } from './bundle.ts';

const proven = `What this proves:
- All of it was put together by whoever holds the key above, and nothing in it was changed since.
- Each piece of evidence is stated, under that signature, to be one entry of the platform's log, and that entry stands
  in the log: it cannot be taken out, moved or changed without breaking the checkpoints named here.
- The state of every control follows from the evidence, the decisions and the policies in the bundle.
What it does not prove:
- That a check told the truth, or that the operator's log held everything that happened.
- That the sealed entry holds the same words as the evidence: that is what the signer states. On the operator's machine
  \`safeguard report compare FILE\` opens the entries and compares.
- That no piece of evidence was left out. Entries of the log that are not in the bundle cannot be read without its keys.
`;

const fields = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join('');

function heldText({ key_was_given, held_against_earlier }: BundleVerdict): string {
  const key = key_was_given
    ? 'It is signed with the key that you gave.\n'
    : 'The key stands in the bundle itself: ask the operator for it by another way, and give it with --key.\n';
  const earlier = held_against_earlier ? 'Nothing that the earlier bundle said was rewritten.\n' : '';
  return `${key}${earlier}`;
}

/** A verdict for people. */
export function bundleText(verdict: BundleVerdict): string {
  const { ok, wrong, bundle, public_key = '', evidence, logs, states } = verdict;
  if (!ok || bundle === undefined) {
    return `THE BUNDLE DOES NOT HOLD\n${wrong?.where ?? 'the bundle'}: ${wrong?.reason ?? 'cannot be read'}\n`;
  }
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  const rows: [string, string][] = [
    ['organization', bundle.organization],
    ['period', `${bundle.from} to ${bundle.until} (not included)`],
    ['made', `${bundle.made_at}, bundle ${bundle.id}`],
    ['evidence', `${evidence} pieces`],
    ['controls', counts.join(', ')],
    ['key', public_key],
    ...logs.map(({ origin, size, root }): [string, string] => [
      'checkpoint',
      `${origin}: ${size} entries, root ${root}`,
    ]),
  ];
  return `The bundle holds.\n\n${fields(rows)}\n${heldText(verdict)}\n${proven}`;
}
