import { DomainError } from '../../platform/errors.js';
import { invalidField, type InvalidRequest } from '../../platform/http/validation.js';

export const ivrErrors = {
  /** One answer for a token that is forged, too old, of another key, or of a code that was exchanged. */
  sessionOver: () =>
    new DomainError('IVR_SESSION_OVER', 410, {
      es: 'La consulta terminó o no es de esta clave de canal. Pide otra vez folio y clave (POST /ivr/sessions).',
      en: 'The session is over or does not belong to this channel key. Ask for folio and access code again (POST /ivr/sessions).',
    }),
  /** The number of the caller, in whatever field. */
  callerRefused: () =>
    new DomainError('CALLER_NOT_TAKEN', 400, {
      es: 'Manda sólo lo que la persona teclea o dice. El número desde el que llama no se recibe en ningún campo: con él se sabría quién denunció. No se guardó nada.',
      en: 'Send only what the person types or says. The number of the caller is taken in no field: it would tell who reported. Nothing was stored.',
    }),
  folioForm: (): InvalidRequest =>
    invalidField(
      'folio',
      'DIGITS',
      'No es un folio: son 15 cifras, y la última comprueba las demás. Pide que lo marque otra vez.',
      'It is no folio: it has 15 digits, and the last one checks the others. Ask for it again.',
    ),
  codeForm: (): InvalidRequest =>
    invalidField(
      'accessCode',
      'DIGITS',
      'No es una clave: son 16 cifras. Pide que la marque otra vez.',
      'It is no access code: it has 16 digits. Ask for it again.',
    ),
  language: (): InvalidRequest =>
    invalidField(
      'language',
      'NOT_A_VALUE',
      'Usa 1 o es para español, 2 o en para inglés.',
      'Use 1 or es for Spanish, 2 or en for English.',
    ),
  mode: (): InvalidRequest =>
    invalidField(
      'mode',
      'NOT_A_VALUE',
      'Usa 1 (anónima), 2 (confidencial) o 3 (con datos).',
      'Use 1 (anonymous), 2 (confidential) or 3 (with data).',
    ),
  /** What the person typed would undo what the person chose. */
  phoneOfAnonymous: (): InvalidRequest =>
    invalidField(
      'phone',
      'FORBIDDEN_WHEN_ANONYMOUS',
      'Una denuncia anónima no lleva número. Quítalo, o que la persona elija otra modalidad.',
      'An anonymous report carries no number. Remove it, or let the person choose another mode.',
    ),
  /** A repeat without it would file a second report. */
  keyMissing: (): InvalidRequest =>
    invalidField(
      'Idempotency-Key',
      'REQUIRED',
      'Falta el encabezado Idempotency-Key: un UUID al azar por llamada. Así una repetición da el mismo folio.',
      'The header Idempotency-Key is missing: a random UUID for each call. With it a repeat gives the same folio.',
    ),
};
