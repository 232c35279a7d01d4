import { z } from 'zod';
import { type Leaf, leaves } from './leaves.ts';

const units: Readonly<Record<string, string>> = { ms: 'milliseconds', s: 'seconds', bytes: 'bytes' };

const unitOf = ({ name }: Leaf): string => units[name.split('_').at(-1) ?? ''] ?? '';

/** The form of a value in words: range, choices or kind. */
function formOf(leaf: Leaf): string {
  const json = z.toJSONSchema(leaf.type, { io: 'input' }) as { enum?: string[]; minimum?: number; maximum?: number };
  if (json.enum !== undefined) return json.enum.map((one) => `\`${one}\``).join(', ');
  if (leaf.kind === 'number') return `${json.minimum}–${json.maximum} ${unitOf(leaf)}`.trim();
  return leaf.kind;
}

function defaultOf(leaf: Leaf): string {
  const preset = leaf.type.safeParse(undefined).data;
  if (preset === undefined) return leaf.meta.otherwise ?? 'none';
  return `\`${JSON.stringify(preset)}\``;
}

const rowOf = (leaf: Leaf): string =>
  `| \`${leaf.name}\` | \`${leaf.env}\`${leaf.meta.secret === true ? ' or `…_FILE`' : ''} | ${formOf(leaf)} | ` +
  `${defaultOf(leaf)} | ${leaf.meta.description} |`;

/** docs/settings.md, made from the schema: every setting with its environment variable, form, unit and default. */
export const settingsReference = (): string => `# Settings

<!-- Made from packages/config/schema.ts; do not edit. -->

A setting is taken from the command line, else from its environment variable, else from \`<data>/safeguard.json\`
(a tree: \`{"limits": {"body_bytes": 2097152}}\`), else from the parameter of the compliance programme that is bound to
it (\`program/parameters.yaml\`), else it has its default. The start fails and lists every error at
once; unknown settings are refused. A secret may stand in a file of its own: the variable with \`_FILE\`, or the name
with \`_file\` in the settings file. What weakens security is refused, or printed as a warning at every start.

| setting | environment | form | default | meaning |
| --- | --- | --- | --- | --- |
${leaves.map(rowOf).join('\n')}
`;
