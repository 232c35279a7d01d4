import type { Terminal } from './terminal.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in the help: `DIR`. */
  readonly value?: string;
  readonly text: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
  /** The value is a whole number between these two. */
  readonly between?: readonly [low: number, high: number];
}

/** What was typed after the command's name, checked against its options. */
export interface Input {
  readonly positionals: readonly string[];
  /** The option's text, undefined when it was not given. */
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** The option as a number, or `preset`. */
  whole(name: string, preset: number): number;
}

export interface Command {
  /** One or two words: `client create`. */
  readonly name: string;
  readonly summary: string;
  /** What follows the name: `NAME --scopes SCOPES [options]`. */
  readonly usage: string;
  readonly positionals: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  /** More than the summary says; a paragraph. */
  readonly text?: string;
  /** Resolves to the exit status: 0, or 1 when what was asked for did not come out right. */
  run(input: Input, terminal: Terminal): Promise<number>;
}

/** The command line itself is wrong: exit status 2. */
export class UsageError extends Error {
  readonly command: Command | undefined;

  constructor(text: string, command?: Command) {
    super(text);
    this.name = 'UsageError';
    this.command = command;
  }
}

const data: OptionSpec = {
  type: 'string',
  value: 'DIR',
  text: 'data directory of the instance (default SAFEGUARD_DATA, else ./data)',
};
const tenant: OptionSpec = { type: 'string', value: 'T', text: 'tenant, by name (default: default)' };
const json: OptionSpec = { type: 'boolean', text: 'print JSON' };

/** Options that several commands share. */
const scopes = { type: 'string', value: '"SCOPES"', text: 'SMART v2 system scopes, such as "system/*.rs"' } as const;
const view = {
  type: 'string',
  choices: ['full', 'without-identity', 'limited', 'deidentified'],
  text: 'all but full never reach the identity segment',
} as const;
export const shared = { data, tenant, json, scopes, view } as const;
