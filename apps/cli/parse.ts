import { parseArgs } from 'node:util';
import { type Command, type Input, type OptionSpec, UsageError } from './command.ts';
import { didYouMean } from './suggest.ts';

const helpOption: OptionSpec = { type: 'boolean', short: 'h', text: 'this help' };

interface Token {
  readonly kind: string;
  readonly name?: string;
  readonly rawName?: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function checkToken(command: Command, options: Record<string, OptionSpec>, token: Token): void {
  if (token.kind !== 'option') return;
  const { name = '', rawName = '', value, inlineValue } = token;
  const option = options[name];
  if (option === undefined) {
    const known = Object.keys(options).map((one) => `--${one}`);
    throw new UsageError(`There is no option "${rawName}".${didYouMean(rawName, known)}`, command);
  }
  if (option.type === 'boolean') {
    if (inlineValue) throw new UsageError(`${rawName} takes no value.`, command);
    return;
  }
  const missing = value === undefined || (!inlineValue && value.startsWith('-') && value !== '-');
  if (missing) throw new UsageError(`${rawName} expects ${option.value ?? 'a value'}.`, command);
  checkValue(command, rawName, option, value);
}

function checkValue(command: Command, rawName: string, { choices, between }: OptionSpec, value: string): void {
  if (choices !== undefined && !choices.includes(value)) {
    throw new UsageError(`${rawName} is one of ${choices.join(', ')}.${didYouMean(value, choices)}`, command);
  }
  if (between === undefined) return;
  const [low, high] = between;
  const right = /^\d{1,15}$/.test(value) && Number(value) >= low && Number(value) <= high;
  if (!right) throw new UsageError(`${rawName} is a whole number from ${low} to ${high}.`, command);
}

function inputOf(values: Record<string, unknown>, positionals: string[]): Input {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    text,
    flag: (name) => values[name] === true,
    whole: (name, preset) => Number(text(name) ?? preset),
  };
}

/** Reads what follows a command's name. Throws UsageError, but not where help was asked for. */
export function parse(command: Command, args: readonly string[]): { readonly input: Input; readonly help: boolean } {
  const options: Record<string, OptionSpec> = { ...command.options, help: helpOption };
  const forNode = Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]),
  );
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: forNode,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const input = inputOf(values, positionals);
  if (input.flag('help')) return { input, help: true };
  for (const token of tokens) checkToken(command, options, token as Token);
  const { least, most } = command.positionals;
  if (positionals.length < least) throw new UsageError(`Something is missing.`, command);
  if (positionals.length > most) throw new UsageError(`"${positionals[most]}" is one word too many.`, command);
  return { input, help: false };
}
