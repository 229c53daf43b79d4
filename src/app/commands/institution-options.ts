import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DEFAULT_AREAS,
  DEFAULT_CATEGORIES,
  type InstitutionKind,
} from '../../foundations/catalogs/default-catalog.js';
import {
  DEFAULT_ROUTING_RULES,
  type DefaultRoutingRule,
} from '../../foundations/catalogs/default-routing-rules.js';
import { INSTITUTION_FILES, parseInstitutionFiles } from '../../foundations/catalogs/institution-files.js';
import type { InstitutionSetup } from '../../foundations/catalogs/institution-setup.js';
import { normalEmail } from '../../foundations/identity/email.js';
import { parseTerms, TERMS_FILE, type FileTerm } from '../../foundations/sla/terms-setup.js';
import { errorCode } from '../../platform/error-code.js';
import { StartError, UsageError } from '../../platform/errors.js';
import { decodeWords } from '../../platform/text-file.js';
import { typedCode, typedEmail, typedName, visibleLength } from '../../platform/typed-text.js';
import { readArguments } from './arguments.js';

export interface InstitutionRequest {
  setup: Omit<InstitutionSetup, 'now'>;
  rules: readonly DefaultRoutingRule[];
  terms: readonly FileTerm[];
  adminEmail: string;
  /** Give an existing administrator a new one-time password. */
  newPassword: boolean;
}

const COMMAND = {
  usage:
    'npm run institution:create -- --code CODE --name NAME --prefix ABC --calendar LFPA28|LFT74 --admin-email ADDRESS ' +
    '[--kind federal|state|municipal] [--territory INEGI-KEY] [--time-zone ZONE] [--contact TEXT] [--from FOLDER] [--new-password]',
  does: 'Makes an institution and its administrator, whose one-time password it prints. Safe to repeat: what is there stays.',
  example:
    'npm run institution:create -- --code ACOLMAN --name "Municipio de Acolman" --prefix ACL --calendar LFPA28 --territory 15002 --admin-email admin@acolman.example',
};

const OPTIONS = {
  code: { type: 'string', value: 'CODE', text: 'its code, in addresses and answers' },
  name: { type: 'string', value: 'NAME', text: 'its name, as people read it' },
  prefix: { type: 'string', value: 'ABC', text: 'the first letters of its folios' },
  calendar: { type: 'string', value: 'LAW', text: 'LFPA28 or LFT74: the law of its non-working days' },
  'admin-email': { type: 'string', value: 'ADDRESS', text: 'of its first administrator' },
  kind: { type: 'string', value: 'KIND', text: 'federal, state or municipal (told by --territory)' },
  territory: { type: 'string', value: 'INEGI-KEY', text: 'two digits for a state, five for a municipality' },
  'time-zone': {
    type: 'string',
    default: 'America/Mexico_City',
    value: 'ZONE',
    text: '(America/Mexico_City)',
  },
  contact: { type: 'string', value: 'TEXT', text: 'where people find the institution itself' },
  from: { type: 'string', value: 'FOLDER', text: 'catalogues of its own: docs/institution-example' },
  'new-password': {
    type: 'boolean',
    default: false,
    text: 'a new one-time password for an administrator who lost it',
  },
} as const;

const NEEDED = ['code', 'name', 'prefix', 'calendar', 'admin-email'] as const;
const KINDS = ['federal', 'state', 'municipal'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Read the request to `institution:create`. Files of the folder replace the default catalogue of the kind.
 * @throws UsageError when an option is missing, StartError with one line per fault
 */
export function readRequest(args: string[]): InstitutionRequest {
  const given = readArguments(COMMAND, OPTIONS, args);
  const missing = NEEDED.filter((name) => visibleLength(given[name] ?? '', 1) === 0);
  if (missing.length > 0)
    throw new UsageError(`Missing: ${missing.map((name) => `--${name}`).join(' ')}`, COMMAND.usage);
  const identity = identityOf(given);
  const catalogKind: InstitutionKind = identity.kind === 'municipal' ? 'municipal' : 'federal';
  const read = given.from === undefined ? () => undefined : readerOf(given.from);
  const files = parseInstitutionFiles(read, catalogKind);
  const categories = files.categories ?? DEFAULT_CATEGORIES[catalogKind];
  const terms = read(TERMS_FILE);
  return {
    setup: {
      ...identity,
      timeZone: given['time-zone'],
      contactText:
        given.contact ??
        `Para trámites y dudas acude a la ventanilla de atención de la institución (${identity.name}). En una emergencia llama al 911.`,
      demo: false,
      areas: files.areas?.areas ?? DEFAULT_AREAS[catalogKind],
      fallbackArea: files.areas?.fallbackArea,
      categories,
      notice: files.notice ?? null,
      defaults: [
        ...(files.areas ? [] : (['areas'] as const)),
        ...(files.categories ? [] : (['categories'] as const)),
        ...(given.contact === undefined ? (['contact_text'] as const) : []),
      ],
    },
    // The default rules name areas and categories of the default catalogue.
    rules: files.routingRules ?? (files.areas || files.categories ? [] : DEFAULT_ROUTING_RULES[catalogKind]),
    terms: terms === undefined ? [] : parseTerms(terms, new Set(categories.map((category) => category.code))),
    adminEmail: adminEmailOf(given),
    newPassword: given['new-password'],
  };
}

type Given = ReturnType<typeof readArguments<typeof OPTIONS>>;

/** The name, codes and calendar of an institution. @throws StartError with one line per fault */
function identityOf(
  given: Given,
): Pick<InstitutionSetup, 'code' | 'name' | 'prefix' | 'territory' | 'calendarRule'> & { kind: Kind } {
  const [code, prefix, calendar] = (['code', 'prefix', 'calendar'] as const).map((option) =>
    typedCode(given[option]!),
  ) as [string, string, string];
  const territory = typedCode(given.territory ?? '') || null;
  const kind = (given.kind ?? kindOf(territory)) as Kind;
  const faults: string[] = [];
  if (!KINDS.includes(kind)) faults.push('--kind must be federal, state or municipal.');
  if (calendar !== 'LFPA28' && calendar !== 'LFT74') faults.push('--calendar must be LFPA28 or LFT74.');
  const email = typedEmail(given['admin-email']!);
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    faults.push(`--admin-email ${email} is no e-mail address.`);
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  return {
    code,
    name: typedName(given.name!),
    prefix,
    kind,
    territory,
    calendarRule: calendar as InstitutionSetup['calendarRule'],
  };
}

function adminEmailOf(given: Given): string {
  return normalEmail(typedEmail(given['admin-email']!));
}

function kindOf(territory: string | null): Kind {
  if (territory === null) return 'federal';
  return territory.length === 2 ? 'state' : 'municipal';
}

const FILES = [...Object.values(INSTITUTION_FILES), TERMS_FILE].filter((name) => name.endsWith('.csv'));

/**
 * Read files of a folder by name. @throws StartError when it is no folder, or holds a table of another name
 */
function readerOf(folder: string): (name: string) => string | undefined {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new StartError(`--from ${folder} is not a folder.`);
  // Otherwise a file with an unknown name would be ignored silently.
  const unknown = readdirSync(folder).filter((name) => /\.csv$/i.test(name) && !FILES.includes(name));
  if (unknown.length > 0)
    throw new StartError(`--from ${folder}: ${unknown.join(', ')} is none of ${FILES.join(', ')}.`);
  return (name) => {
    try {
      return decodeWords(readFileSync(join(folder, name)), name);
    } catch (error) {
      if (error instanceof StartError) throw error;
      if (errorCode(error) === 'ENOENT') return undefined;
      throw new StartError(`${join(folder, name)} cannot be read (${errorCode(error) ?? 'unknown reason'}).`);
    }
  };
}
