import type { Text } from '../../../platform/errors.js';

interface State {
  label: Text;
  /** What an administrator can do now. */
  advice: Text;
}

/**
 * States of the connection of a number, with their words. All but the first two keep messages from going
 * out.
 */
export const NUMBER_STATES = {
  unchecked: {
    label: { es: 'Sin comprobar', en: 'Not checked' },
    advice: {
      es: 'Compruébalo con POST …/check.',
      en: 'Check it with POST …/check.',
    },
  },
  connected: {
    label: { es: 'Conectado', en: 'Connected' },
    advice: { es: 'No hay nada que hacer.', en: 'There is nothing to do.' },
  },
  token_refused: {
    label: { es: 'Meta no acepta el token', en: 'Meta does not accept the token' },
    advice: {
      es: 'El token venció o se revocó. Crea en Meta el de un usuario del sistema, que no vence, y ponlo en `accessToken`.',
      en: 'The token has expired or was revoked. Make one of a system user at Meta, which does not expire, and set `accessToken`.',
    },
  },
  permission_missing: {
    label: { es: 'Al token le falta permiso', en: 'The token lacks a permission' },
    advice: {
      es: 'Da al usuario del sistema los permisos whatsapp_business_messaging y whatsapp_business_management, y acceso a la cuenta del número.',
      en: 'Give the system user the permissions whatsapp_business_messaging and whatsapp_business_management, and access to the account of the number.',
    },
  },
  unknown_to_meta: {
    label: { es: 'Meta no conoce el número', en: 'Meta does not know the number' },
    advice: {
      es: 'Revisa `phoneNumberId`: es el identificador del número en Meta, no el teléfono. O el token es de otra cuenta.',
      en: 'Check `phoneNumberId`: it is the id of the number at Meta, not the telephone. Or the token belongs to another account.',
    },
  },
  payment_due: {
    label: { es: 'Meta espera un pago', en: 'Meta waits for a payment' },
    advice: {
      es: 'Revisa la forma de pago de la cuenta en Meta: sin ella no entrega mensajes.',
      en: 'Check the payment method of the account at Meta: without one it delivers no messages.',
    },
  },
  locked: {
    label: { es: 'Meta bloqueó la cuenta', en: 'Meta has locked the account' },
    advice: {
      es: 'Mira en Meta por qué y pide que lo revisen.',
      en: 'See at Meta why, and ask for a review.',
    },
  },
  unregistered: {
    label: { es: 'El número no está registrado en Meta', en: 'The number is not registered at Meta' },
    advice: {
      es: 'Regístralo otra vez en Meta, con su PIN.',
      en: 'Register it again at Meta, with its PIN.',
    },
  },
  unreachable: {
    label: { es: 'Meta no contesta', en: 'Meta does not answer' },
    advice: {
      es: 'Puede ser de Meta o de la red del servicio. Repite en unos minutos; si sigue, avisa a quien opera el servicio.',
      en: 'It may be Meta or the network of the service. Try again in some minutes; if it goes on, tell whoever runs the service.',
    },
  },
} as const satisfies Readonly<Record<string, State>>;

export type NumberState = keyof typeof NUMBER_STATES;

/**
 * States that only messages show. Meta answers for the number as if it were in order. They end when a message
 * arrives.
 */
export const SEEN_BY_MESSAGES: ReadonlySet<NumberState> = new Set<NumberState>([
  'payment_due',
  'locked',
  'unregistered',
]);

export const STATE_LABELS = Object.fromEntries(
  Object.entries(NUMBER_STATES).map(([state, { label }]) => [state, label]),
) as Readonly<Record<NumberState, Text>>;
