import { StartError } from '../errors.js';
import { connect } from './connect.js';
import { URL_VARIABLES, type LoginName } from './roles.js';

/** A server setting that records times which this service leaves out, and how to correct it. */
interface Hazard {
  /** The names of the settings to read, in the order of the parameters of `tells`. */
  names: readonly string[];
  /**
   * Tells whether these values, as SHOW gives them, are harmful. undefined = the server does not know the
   * setting.
   */
  tells: (...values: (string | undefined)[]) => boolean;
  what: string;
  /** How to make the setting safe, with the safe value. */
  cure: string;
}

const STATEMENTS = 'the server log gets the time of statements';
const IDS = 'transaction ids in the server log give what is stored by day its place in time';
const EXPLAINED = 'auto_explain writes statements with their time';

const on = (value?: string): boolean => value === 'on';
const limit = (value?: string): boolean => value !== undefined && value !== '-1';
const rate = (value?: string): boolean => Number(value ?? 0) > 0;
/** Finds `%x` and `%v`, also with a width as in `%-8x`. `%%x` is a percent sign and a letter. */
const holdsId = (value = ''): boolean =>
  [...value.matchAll(/%(%|-?\d*[a-z])/gi)].some(([, one]) => /[xv]$/.test(one!));
/**
 * Tells whether an audit setting records rows. Only the classes for changes of the schema and of logins
 * record no rows.
 */
const audits = (value = ''): boolean =>
  value
    .split(',')
    .some((part) => !['', 'none', 'ddl', 'role'].includes(part.trim().toLowerCase()) && !/^\s*-/.test(part));

const single = (name: string, tells: Hazard['tells'], what: string, safe: string, where = ''): Hazard => ({
  names: [name],
  tells,
  what,
  cure: `set ${name} = ${safe}${where}`,
});
const switches = (names: string[]): Hazard[] => names.map((name) => single(name, on, STATEMENTS, 'off'));

const HAZARDS: readonly Hazard[] = [
  single(
    'track_commit_timestamp',
    on,
    'the database can tell to the microsecond when each report was stored',
    'off',
    ' and restart the server, which forgets the times kept so far',
  ),
  single('log_statement', (value) => value === 'mod' || value === 'all', STATEMENTS, 'none'),
  single('log_min_duration_statement', limit, STATEMENTS, '-1'),
  {
    names: ['log_min_duration_sample', 'log_statement_sample_rate'],
    tells: (sample, share) => limit(sample) && rate(share),
    what: STATEMENTS,
    cure: 'set log_min_duration_sample = -1',
  },
  single('log_transaction_sample_rate', rate, STATEMENTS, '0'),
  ...switches([
    'log_duration',
    'log_statement_stats',
    'log_parser_stats',
    'log_planner_stats',
    'log_executor_stats',
  ]),
  ...switches(['debug_print_parse', 'debug_print_rewritten', 'debug_print_plan']),
  single(
    'log_parameter_max_length_on_error',
    (value) => value !== undefined && value !== '0',
    'the server log gets what was sent with a statement that failed',
    '0',
  ),
  single('log_line_prefix', holdsId, IDS, `'%m [%p] '`, ' or another without %x and %v'),
  single(
    'log_destination',
    (value = '') => /\b(csvlog|jsonlog)\b/i.test(value),
    IDS,
    'stderr',
    ' or syslog: lines in CSV and JSON hold them always',
  ),
  single(
    'pgaudit.log',
    audits,
    'pgaudit writes statements with their time',
    'none',
    ' (ddl and role are harmless)',
  ),
  single('pgaudit.role', (value) => Boolean(value), 'pgaudit writes statements with their time', `''`),
  {
    names: ['auto_explain.log_min_duration', 'auto_explain.sample_rate'],
    tells: (duration, share) => limit(duration) && rate(share ?? '1'),
    what: EXPLAINED,
    cure: 'set auto_explain.log_min_duration = -1',
  },
];

/**
 * Checks whether the server is set to keep the times that this service leaves out. Refuses in production,
 * warns elsewhere.
 * @param urls of the run-time logins that there are
 * @throws StartError with one line per fault
 */
export async function checkSettings(
  production: boolean,
  urls: Readonly<Partial<Record<LoginName, string>>>,
  log: (line: string) => void,
): Promise<void> {
  const logins = (['app', 'public', 'jobs'] as const).flatMap((name) =>
    urls[name] === undefined ? [] : [{ variable: URL_VARIABLES[name], url: urls[name] }],
  );
  const faults = await settingFaults(logins);
  if (production && faults.length > 0) throw new StartError(faults.join('\n'));
  for (const fault of faults) log(`Warning: ${fault} Production refuses to start so.`);
}

/**
 * A run-time login whose own session is checked. ALTER ROLE and ALTER DATABASE can give each login different
 * settings.
 */
export interface CheckedLogin {
  /** The variable that holds the URL of the login. */
  variable: string;
  url: string;
}

/**
 * Finds the settings of the server that tell when somebody reported, as far as the run-time logins can see
 * them.
 * @returns one line per setting, naming the logins whose sessions have it and how to switch it off
 */
export async function settingFaults(logins: readonly CheckedLogin[]): Promise<string[]> {
  const found = new Map<string, string[]>();
  for (const { variable, url } of logins) {
    for (const line of hazardsIn(await settingsOf(url, variable)))
      found.set(line, [...(found.get(line) ?? []), variable]);
  }
  return [...found].map(([line, variables]) => `${line} (sessions of ${variables.join(', ')}).`);
}

/**
 * Returns one line for each harmful setting among these settings by name. A setting that the server does not
 * know is absent.
 */
export function hazardsIn(settings: ReadonlyMap<string, string>): string[] {
  return HAZARDS.flatMap(({ names, tells, what, cure }) => {
    const values = names.map((name) => settings.get(name));
    if (!tells(...values)) return [];
    const shown = names.map((name, n) => `${name} = ${values[n] ?? 'its default'}`).join(', ');
    return [`The database server has ${shown}: ${what}. Have its administrator ${cure}`];
  });
}

/** Reads the settings in a session of this login. */
async function settingsOf(url: string, variable: string): Promise<Map<string, string>> {
  const client = await connect(url, variable);
  try {
    const { rows } = await client.query<{ name: string; value: string | null }>(
      'select name, current_setting(name, true) as value from unnest($1::text[]) as name',
      [HAZARDS.flatMap(({ names }) => names)],
    );
    return new Map(rows.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const])));
  } finally {
    await client.end();
  }
}
