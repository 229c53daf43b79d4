import type { Text } from '../../platform/errors.js';
import { EVIDENCE_STATE_LABELS, type EvidenceState } from '../cases/evidence-view.js';
import type { EvidenceDetails } from './sealed-evidence.js';

/** Why a file waits or stays sealed, as `EvidenceDetails.reason` says it. */
const REASONS: Readonly<Record<string, Text>> = {
  'tool-missing': {
    es: 'falta un programa en el servidor; avisa a quien lo opera',
    en: 'a program is missing on the server; tell its operator',
  },
  store: {
    es: 'lo guardado no se puede leer; avisa a quien opera el servidor',
    en: 'what was stored cannot be read; tell the operator of the server',
  },
  scanner: {
    es: 'falta el antivirus; avisa a quien opera el servidor',
    en: 'the antivirus is missing; tell whoever operates the server',
  },
  'scanner-size': {
    es: 'es más grande de lo que el antivirus acepta; quien opera el servidor debe poner «StreamMaxLength 110M» en clamd.conf',
    en: 'it is larger than the antivirus takes; whoever operates the server must set "StreamMaxLength 110M" in clamd.conf',
  },
  'scan-limit': {
    es: 'el antivirus no lo pudo revisar completo',
    en: 'the antivirus could not examine all of it',
  },
  'no-converter': {
    es: 'no se sabe mostrar un archivo así sin riesgo',
    en: 'no safe way to show such a file',
  },
  killed: {
    es: 'el servidor detuvo su revisión, quizá por falta de memoria o de tiempo; se intenta otra vez antes de diez minutos',
    en: 'the server ended its examination, perhaps for want of memory or time; it is tried again within ten minutes',
  },
  partial: {
    es: 'el archivo llegó incompleto; se ve lo que llegó',
    en: 'the file arrived incomplete; what arrived is shown',
  },
  damaged: { es: 'el archivo está dañado', en: 'the file is damaged' },
  encrypted: { es: 'el archivo tiene contraseña', en: 'the file has a password' },
  'too-large': { es: 'es demasiado grande para mostrarse', en: 'it is too large to be shown' },
  time: { es: 'revisarlo tardó demasiado', en: 'its examination took too long' },
  memory: { es: 'revisarlo pidió demasiada memoria', en: 'its examination needed too much memory' },
};

/** The state of a file in a sentence, with its reason. */
export function stateText(state: EvidenceState, { reason, tool, found }: EvidenceDetails): Text {
  const label = EVIDENCE_STATE_LABELS[state];
  const why = reason === undefined ? undefined : REASONS[reason];
  const name = tool ?? found;
  const say = (language: keyof Text): string =>
    `${label[language]}${why ? `: ${why[language]}` : ''}${name ? ` (${name})` : ''}.`;
  return { es: say('es'), en: say('en') };
}

/** Bytes in the unit that people know from their phones. */
export function inMiB(bytes: number): string {
  const mib = bytes / (1024 * 1024);
  return `${mib >= 10 || Number.isInteger(mib) ? Math.floor(mib) : Math.floor(mib * 10) / 10} MB`;
}
