import { parseArgs, type ParseArgsConfig } from 'node:util';
import { StartError, UsageError } from '../../platform/errors.js';
import { lostLetters } from '../../platform/text-file.js';

type Parsed = NonNullable<ParseArgsConfig['options']>[string];
/** An option as `parseArgs` knows it, with its text for `--help`. */
type Option = Parsed & { value?: string; text: string };
type Options = Readonly<Record<string, Option>>;

/** A command as `--help` shows it. */
export interface Command {
  /** How to call the command. Every fault shows this too. */
  usage: string;
  /** What it does, in a sentence. */
  does: string;
  /** A call that works unchanged, or with other names. */
  example: string;
  /** The variables that the command reads, when they are not those of the service. */
  variables?: string;
}

const OF_THE_SERVICE = 'Variables are read from the environment and from .env: see .env.example.';

/**
 * Read the options of a command line and allow nothing else. `--help` shows usage, options and an example and
 * ends the process with 0, so call this before anything is started.
 * @throws UsageError in one line
 */
export function readArguments<const T extends Options>(
  command: Command,
  options: T,
  args: string[] = process.argv.slice(2),
): ReturnType<typeof parseArgs<{ options: T; args: string[]; strict: true }>>['values'] {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(helpOf(command, options));
    process.exit(0);
  }
  // The terminal uses another encoding. Without this check, the name of an institution would be published
  // with the lost letters.
  const lost = args.find(lostLetters);
  if (lost !== undefined)
    throw new StartError(`${lost} is not in UTF-8. Set the terminal to UTF-8 and repeat.`);
  try {
    return parseArgs({ options, args, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // The first sentence names the fault. The rest explains an escape that nobody needs here.
    const [fault] = (error as Error).message.split(/\.(\s|$)/);
    throw new UsageError(fault!, command.usage);
  }
}

function helpOf({ usage, does, example, variables = OF_THE_SERVICE }: Command, options: Options): string {
  const names = Object.entries(options).map(([name, { value, text }]): [string, string] => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    text,
  ]);
  const all: [string, string][] = [...names, ['--help', 'shows this']];
  const width = Math.max(...all.map(([name]) => name.length)) + 2;
  return [
    `Usage: ${usage}`,
    '',
    does,
    '',
    'Options:',
    ...all.map(([name, text]) => `  ${name.padEnd(width)}${text}`),
    '',
    'Example:',
    `  ${example}`,
    '',
    variables,
  ].join('\n');
}
