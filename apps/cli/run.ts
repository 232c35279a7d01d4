import { type Fault, isFault } from '@safeguard/kernel';
import { type Command, UsageError } from './command.ts';
import { commands as allCommands } from './commands.ts';
import { commandHelp, overview, usageLine } from './help.ts';
import { parse } from './parse.ts';
import { didYouMean } from './suggest.ts';
import type { Terminal } from './terminal.ts';

const exit = { right: 0, failed: 1, usage: 2 } as const;

/** The command that the first words name, and what follows it. */
function find(args: readonly string[], commands: readonly Command[]): readonly [Command, readonly string[]] {
  for (const count of [3, 2, 1]) {
    const command = commands.find(({ name }) => name === args.slice(0, count).join(' '));
    if (command !== undefined) return [command, args.slice(count)];
  }
  throw unknown(args, commands);
}

/** The commands that begin with as many of these words as any does, and how many words that is. */
function groupOf(words: readonly string[], commands: readonly Command[]): readonly [readonly Command[], number] {
  for (const count of [2, 1]) {
    const begin = words.slice(0, count).join(' ');
    // Where the words are a command themselves, that is meant: `controls` beside `controls run`.
    const isOne = commands.some(({ name }) => name === begin);
    const group = words.length < count || isOne ? [] : commands.filter(({ name }) => name.startsWith(`${begin} `));
    if (group.length > 0) return [group, count];
  }
  return [[], 0];
}

function unknown(args: readonly string[], commands: readonly Command[]): UsageError {
  const options = args.findIndex((word) => word.startsWith('-'));
  const typed = options < 0 ? args : args.slice(0, options);
  const [found, count] = groupOf(typed, commands);
  if (count > 0) {
    const group = found.map(({ name }) => name);
    const [begin, words] = [count, count + 1].map((end) => typed.slice(0, end).join(' '));
    const near = words === begin ? '' : didYouMean(words ?? '', group);
    return new UsageError(`"safeguard ${begin}" goes on with one of: ${group.join(', ')}.${near}`);
  }
  const names = commands.map(({ name }) => name);
  const first = args[0] ?? '';
  const words = typed.slice(0, 2).join(' ') || first;
  const near = didYouMean(first, names) || didYouMean(words, names);
  return new UsageError(`There is no command "${words}".${near}`);
}

/** `help`, `help client create`, `--help`, `client --help`, or nothing at all. */
function helpText(args: readonly string[], commands: readonly Command[]): string | undefined {
  const asked = args[0] === 'help' || args[0] === '--help' || args[0] === '-h';
  if (args.length === 0) return overview(commands);
  const words = asked ? args.slice(1) : args;
  const [group, count] = groupOf(words, commands);
  const next = words[count];
  if (count > 0 && (next === undefined ? asked : next === '--help' || next === '-h')) return overview(group);
  if (!asked) return undefined;
  return words.length === 0 ? overview(commands) : commandHelp(find(words, commands)[0]);
}

const places_most = 100;

/** All that is wrong, each with where it stands: `program/needs.yaml:3: unknown key`. */
function places({ message, issues }: Fault): string[] {
  const apart = issues.filter(({ text }) => !message.includes(text));
  const lines = apart.map(({ at, text }) => `  - ${at === undefined ? '' : `${at}: `}${text}`);
  const more = lines.length - places_most;
  return [...lines.slice(0, places_most), ...(more > 0 ? [`  - and ${more} more`] : [])];
}

function told(error: unknown): string {
  if (isFault(error)) return [error.message, ...places(error)].join('\n');
  // Nobody is helped by a stack trace here: what is left are errors of the system, which name the call and the path.
  return error instanceof Error ? error.message : 'something unforeseen went wrong';
}

function fail(error: unknown, terminal: Terminal): number {
  if (!(error instanceof UsageError)) {
    terminal.err(`safeguard: ${told(error)}\n`);
    return exit.failed;
  }
  const how = error.command === undefined ? 'safeguard COMMAND [options]' : usageLine(error.command);
  const more = error.command === undefined ? 'safeguard help' : `safeguard ${error.command.name} --help`;
  terminal.err(`safeguard: ${error.message}\nUsage: ${how}\n"${more}" tells more.\n`);
  return exit.usage;
}

/** Runs one command line. Exit status: 0 right, 1 it failed, 2 the command line is wrong. Never throws. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly Command[] = allCommands,
): Promise<number> {
  try {
    const words = args[0] === '--version' ? ['version'] : args;
    const text = helpText(words, commands);
    if (text !== undefined) {
      (args.length === 0 ? terminal.err : terminal.out)(text);
      return args.length === 0 ? exit.usage : exit.right;
    }
    const [command, rest] = find(words, commands);
    const { input, help } = parse(command, rest);
    if (!help) return await command.run(input, terminal);
    terminal.out(commandHelp(command));
    return exit.right;
  } catch (error) {
    return fail(error, terminal);
  }
}
