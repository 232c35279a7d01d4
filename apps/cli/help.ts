import type { Command, OptionSpec } from './command.ts';

const pad = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
};

/** `safeguard client create NAME --scopes SCOPES [options]` */
export const usageLine = ({ name, usage }: Command): string => `safeguard ${name} ${usage}`.trim();

function optionRow([name, option]: readonly [string, OptionSpec]): readonly [string, string] {
  const value = option.choices?.join('|') ?? option.value;
  return [`--${name}${option.type === 'string' ? ` ${value ?? 'TEXT'}` : ''}`, option.text];
}

/** The help of one command, with its examples. */
export function commandHelp(command: Command): string {
  const options = [...Object.entries(command.options).map(optionRow), ['-h, --help', 'this help'] as const];
  const more = command.text === undefined ? '' : `\n${command.text}\n`;
  const examples = command.examples.map((example) => `  ${example}\n`).join('');
  const head = `${command.summary}\n\nUsage: ${usageLine(command)}\n${more}`;
  return `${head}\nOptions:\n${pad(options)}\nExamples:\n${examples}`;
}

/** The help of everything. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return (
    'safeguard: the operator’s command of Safeguard\n\nUsage: safeguard COMMAND [options]\n\nCommands:\n' +
    `${pad(rows)}\n"safeguard COMMAND --help" tells more, with examples.\n`
  );
}
