import { parseArgs, type ParseArgsConfig } from 'node:util';
import { StartError } from '../platform/errors.js';
import { lostLetters } from '../platform/text-file.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of a command line, nothing else allowed.
 * @param usage how the command is called, told with every fault
 * @throws StartError in one line
 */
export function readArguments<const T extends Options>(
  options: T,
  usage: string,
  args: string[] = process.argv.slice(2),
): ReturnType<typeof parseArgs<{ options: T; args: string[]; strict: true }>>['values'] {
  // A terminal of another encoding; the name of an institution would be published so.
  const lost = args.find(lostLetters);
  if (lost !== undefined) throw new StartError(`${lost} is not in UTF-8. Set the terminal to UTF-8 and repeat.`);
  try {
    return parseArgs({ options, args, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // The first sentence names the fault; the rest explains an escape nobody needs here.
    const [fault] = (error as Error).message.split(/\.(\s|$)/);
    throw new StartError(`${fault}. Usage: ${usage}`);
  }
}
