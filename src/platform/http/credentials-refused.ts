import { DomainError, type Text } from '../errors.js';

/** Why a request has no actor. Each reason tells the caller what to do. */
const REASONS = {
  /** No credential was sent, or a credential of another kind of person. */
  staff: {
    es: 'Esta ruta es para el personal. Inicia sesión con tu cuenta.',
    en: 'This route is for staff. Sign in with your account.',
  },
  session: {
    es: 'Tu sesión venció o ya no es válida. Inicia sesión de nuevo.',
    en: 'Your session has expired or is no longer valid. Sign in again.',
  },
  /** The same text for a token that is forged, too old, or of an access code that was exchanged. */
  tracking: {
    es: 'Tu consulta venció o ya no es válida. Escribe otra vez tu folio y tu clave de 16 dígitos.',
    en: 'Your visit has expired or is no longer valid. Enter your folio and your 16-digit access code again.',
  },
  reporter: {
    es: 'Para seguir una denuncia escribe su folio y su clave de 16 dígitos.',
    en: 'To follow a report enter its folio and its 16-digit access code.',
  },
  key: {
    es: 'La clave de canal (X-Api-Key) no es válida o fue revocada. Revísala, o pide otra a quien administra tu institución.',
    en: 'The channel key (X-Api-Key) is invalid or was revoked. Check it, or ask the administrator of your institution for another one.',
  },
  /** The key is valid, but not for this route. */
  keyElsewhere: {
    es: 'Una clave de canal (X-Api-Key) sirve para enviar denuncias con POST /reports y para las rutas de sistemas de canal. Esta ruta pide otra credencial.',
    en: 'A channel key (X-Api-Key) is good for filing reports with POST /reports and for the routes of channel systems. This route needs another credential.',
  },
  channelOnly: {
    es: 'Esta ruta es para sistemas de canal. Manda X-Api-Key con la clave que te dio quien administra tu institución.',
    en: 'This route is for channel systems. Send X-Api-Key with the key that the administrator of your institution gave you.',
  },
  unreadable: {
    es: 'La credencial no se reconoce. Manda «Authorization: Bearer» con tu token, o X-Api-Key con una clave de canal, pero no las dos.',
    en: 'The credential is not recognised. Send "Authorization: Bearer" with your token, or X-Api-Key with a channel key, but not both.',
  },
  metrics: {
    es: 'El token de las métricas falta o no es válido. Es el de METRICS_TOKEN.',
    en: 'The token of the metrics is missing or invalid. It is that of METRICS_TOKEN.',
  },
} as const satisfies Readonly<Record<string, Text>>;

export function unauthenticated(reason: keyof typeof REASONS): DomainError {
  return new DomainError('UNAUTHENTICATED', 401, REASONS[reason]);
}
