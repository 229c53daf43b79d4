import { parseArgs, type ParseArgsConfig } from 'node:util';
import { StartError } from '../platform/errors.js';

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
  try {
    return parseArgs({ options, args, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // The first sentence names the fault; the rest explains an escape nobody needs here.
    const [fault] = (error as Error).message.split(/\.(\s|$)/);
    throw new StartError(`${fault}. Usage: ${usage}`);
  }
}
