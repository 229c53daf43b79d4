import { StartError } from './errors.js';
import { readVariable, type Environment } from './secrets.js';
import { lostLetters } from './text-file.js';

/** The environment, which is read once, with one line for every fault in it. */
export class Variables {
  private readonly faults: string[] = [];
  /** The environment without blank values, which count as absent. */
  readonly env: Environment;

  constructor(private readonly given: Environment) {
    this.env = withoutBlanks(given);
  }

  get refused(): boolean {
    return this.faults.length > 0;
  }

  /** Notes a fault. The start is refused with all faults together. */
  readonly fault = (line: string): void => void this.faults.push(line);

  /** @throws StartError with one line per fault, joined by newlines */
  assertGood(): void {
    if (this.refused) throw new StartError(this.faults.join('\n'));
  }

  /**
   * Refuses values that lost letters, and a first variable behind a byte order mark.
   * @param ours which names are read here: a variable of another program may hold anything
   */
  checkEncoding(ours: RegExp): void {
    for (const [given, value] of Object.entries(this.env)) {
      const name = given.replace('\uFEFF', '');
      if (ours.test(name) && (given !== name || lostLetters(value ?? '')))
        this.fault(
          `${name} was not read as UTF-8. Save the file of variables as UTF-8 without byte order mark.`,
        );
    }
  }

  get(name: string): string | undefined {
    return this.env[name];
  }

  /** Tells whether the variable is given as value or as file, even when it is blank. */
  isGiven(name: string): boolean {
    return this.given[name] !== undefined || this.given[`${name}_FILE`] !== undefined;
  }

  /** Returns the value of NAME, or the content of the file that NAME_FILE names. */
  secret(name: string): string | undefined {
    return readVariable(this.env, name, this.fault) || undefined;
  }

  oneOf(name: string, values: readonly string[]): string | undefined {
    const value = this.env[name];
    if (value !== undefined && !values.includes(value))
      this.fault(`${name} must be one of ${values.join(', ')}.`);
    return value;
  }

  /** @returns undefined when it is absent or not such a number */
  integer(name: string, { min, max }: { min: number; max: number }): number | undefined {
    const value = this.env[name];
    if (value === undefined) return undefined;
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    this.fault(`${name} must be a whole number from ${min} to ${max}.`);
    return undefined;
  }

  /** Returns the parts between commas, without blank parts. */
  list(name: string): string[] {
    return listOf(this.env[name]);
  }
}

/**
 * Removes blank values, which files of variables leave for absent ones. With a blank DEMO_PASSWORD or
 * METRICS_TOKEN as its real value, everybody could come in.
 */
export function withoutBlanks(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
}

export function listOf(value = ''): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
